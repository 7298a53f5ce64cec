"""Every field of a demand as a column of a table: those that `fields` names by hand, and all the others of the content.

The others are made from the models of the content: a field added to a rubric is read and written by itself. `cells_of`
writes the cells that the readers of `ALL` read back; `content_of` puts values back into a content. Pure.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, get_args

from palier.common.tables import Cell
from palier.common.text import clean, normalise
from palier.demand.codes import LISTS as CODES
from palier.demand.codes import label
from palier.demand.content import RUBRICS, Content, Income, Job, MemberContent, Rubric
from palier.demand.enums import EvictionStage, Section
from palier.demand.exchange import fields
from palier.demand.exchange.fields import FIELDS, Field, Known
from palier.demand.facts import ELSEWHERE
from palier.demand.life import RADIATIONS
from palier.demand.rules import LABELS
from palier.demand.rules import LISTS as LISTED
from palier.people.api import MemberRole

# A household of the form has twelve other members at most in a file.
MOST_MEMBERS = 12
BEYOND = "hors du territoire"
_JOINED = "|"
MOVEMENTS = {"REN": "renouvellement", "RAD": "radiation", "REP": "reprise après radiation", "SUP": "suppression"}
# Those that say nothing of a demand but that it ends, or comes back.
TOLD = frozenset({"RAD", "REP", "SUP"})
INADMISSIBLE = {"IRRSEJ": "irrégularité de séjour", "IRRRES": "ressources au-dessus du plafond"}
# Titles of exports made by hand.
_MEMBER_TITLES = {
    "role": ("role",), "birth_name": ("nom",), "first_names": ("prenom", "prenoms"),
    "birth_date": ("naissance", "date de naissance"), "civility": ("civilite",), "sex": ("sexe",),
}  # fmt: skip
_LONGEST = {
    "phone": 40,
    "phone_other": 40,
    "email": 254,
    "postal_code": 10,
    "insee": 5,
    "town": 80,
    "siret": 14,
    "mail_postal_code": 10,
    "mail_town": 80,
    "mail_at": 120,
}


def _named(choices: Iterable[tuple[str, str]], sne: Mapping[str, str] | None = None) -> Callable[[str, Known], str]:
    """A reader of one code: itself, its label, or the code of the national system when it says something else."""
    lines = list(choices)
    found = {normalise(code): mine for mine, code in _by_sne(lines, sne or {})}
    found |= {normalise(words): code for code, words in lines}
    return partial(fields.choice, found | {normalise(code): code for code, _ in lines})


def _by_sne(lines: list[tuple[str, str]], sne: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    # The oldest line of several that share a code is the one meant: it is read last.
    for code, _ in reversed(lines):
        if sne.get(code):
            yield code, sne[code]


def listed(name: str) -> Callable[[str, Known], str]:
    """A reader of one code of a list of `codes`."""
    lines = CODES[name]
    return _named(((line.code, line.label) for line in lines), {line.code: line.sne for line in lines})


def _link(raw: str, known: Known) -> str:
    """A link to the applicant. `P` is both a partner (co-applicant) and a parent (dependant): both lists say P."""
    try:
        return listed("co_link")(raw, known)
    except ValueError:
        return listed("dependant_link")(raw, known)


def place(raw: str, known: Known) -> str:
    """A commune of the territory, or « ailleurs »."""
    said = normalise(raw)
    return ELSEWHERE if said in {normalise(BEYOND), ELSEWHERE} else fields.commune(raw, known)


def amounts(raw: str, known: Known) -> dict[str, str]:
    """« SAL 1200|AF 140,50 »: an amount by code of resource."""
    found = {}
    for item in filter(None, map(str.strip, raw.split(_JOINED))):
        code, _, said = item.partition(" ")
        value = fields.amount(said.strip(" :"), known)
        if value is None:
            raise ValueError("Écrivez chaque ressource ainsi\u00a0: SAL 1200|AF 140,50.")
        found[_RESOURCE(code, known)] = value
    return found


def districts(raw: str, known: Known) -> dict[str, str]:
    """« 62427 Centre|62215 Gare »: a district by commune."""
    found = {}
    for item in filter(None, map(str.strip, raw.split(_JOINED))):
        code, _, said = item.partition(" ")
        found[fields.commune(code, known)] = clean(said)[:80]
    return found


def year(raw: str, known: Known) -> int:
    if not re.fullmatch(r"(19|20)[0-9]{2}", raw):
        raise ValueError("Écrivez une année, par exemple 2024.")
    return int(raw)


# Words of exports made by hand, as they are normalised.
_ROLES = {
    "applicant": ("demandeur principal", "demandeuse", "titulaire", "1"),
    "co_applicant": ("co demandeur", "codemandeuse", "cotitulaire", "co titulaire", "conjoint", "conjointe", "epoux",
                     "epouse", "concubin", "concubine"),
    "dependant": ("enfant", "enfant a charge", "a charge", "fils", "fille", "ascendant"),
}  # fmt: skip
_ROLE_LINES = [*MemberRole.choices, *((code, words) for code, many in _ROLES.items() for words in many)]
_role = _named(_ROLE_LINES)
_RESOURCE = listed("resource")
# What the type of a field does not tell.
_READERS: dict[str, Callable[[str, Known], Any]] = {
    "commune": place,
    "districts": districts,
    "monthly": amounts,
    "dependants": amounts,
    "tax_year": year,
    "birth_date": fields.birth,
    "link": _link,
    "role": _role,
    "eviction_stage": _named(EvictionStage.choices),
}


def _reader(name: str, kind: Any) -> Callable[[str, Known], Any]:
    kinds = set(get_args(kind)) or {kind}
    if name in _READERS:
        return _READERS[name]
    if name in LISTED:
        one = listed(LISTED[name])
        return partial(fields.several, one) if Ellipsis in kinds else one
    for type_, read in ((bool, fields.yes_no), (date, fields.day), (Decimal, fields.amount), (int, fields.count)):
        if type_ in kinds:
            return read
    return partial(fields.text, _LONGEST.get(name, 200))


_INNER: dict[str, type[Rubric]] = {"job": Job, "income": Income}


def _made(model: type[Rubric], section: Section, path: str, code: str, words: str, said: str) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        if name in {"person_id", "members"}:
            continue
        inner = _INNER.get(name)
        if inner is not None:
            yield from _made(inner, section, f"{path}{name}.", f"{code}{name}_", words, said)
            continue
        label_ = LABELS.get(name, "Place dans le ménage")
        title = f"{words}{label_[0].lower()}{label_[1:]}" if words else label_
        titles = tuple(f"{said} {alias}" for alias in _MEMBER_TITLES.get(name, ())) if said else ()
        yield Field(f"{code}{name}", title, section.value, f"{path}{name}", _reader(name, info.annotation), titles)


def _whole() -> dict[str, Field]:
    held = {(item.section, item.name) for item in FIELDS.values()}
    twice = [name for model in RUBRICS.values() for name in model.model_fields]
    taken = {item.label for item in FIELDS.values()}
    made = {}
    for section, model in RUBRICS.items():
        for item in _made(model, section, "", f"{section.value}_", "", ""):
            if (item.section, item.name) in held:
                continue
            if twice.count(item.name) > 1 or item.label in taken:
                words = f"{section.label}\u00a0: {item.label[0].lower()}{item.label[1:]}"
                item = Field(item.code, words, item.section, item.name, item.reader)
            made[item.code] = item
    for number in range(1, MOST_MEMBERS + 1):
        start = f"members.{number - 1}."
        words, said = f"Membre {number}\u00a0: ", f"membre {number}"
        for item in _made(MemberContent, Section.HOUSEHOLD, start, f"membre_{number}_", words, said):
            made[item.code] = item
    return made


WHOLE: dict[str, Field] = _whole()
"""What `FIELDS` lacks, by code. The `name` of a field of a member is a path: « members.0.job.contract »."""

# What happened to a demand rather than what it says: `nuu.movements` does it, by the acts of its life.
LIFE: dict[str, Field] = {
    item.code: item
    for item in (
        Field("movement", "Mouvement", "", "movement", _named(MOVEMENTS.items())),
        Field("renewed_on", "Date de renouvellement", "", "renewed_on", fields.day),
        Field("struck_ground", "Motif de radiation", "", "struck_ground", _named(RADIATIONS.items())),
        Field("struck_why", "Motif d’irrecevabilité", "", "struck_why", _named(INADMISSIBLE.items())),
        Field("struck_on", "Date de radiation", "", "struck_on", fields.day),
        Field("noticed_on", "Date de l’avis avant radiation", "", "noticed_on", fields.day),
        Field("allocation", "Logement attribué", "", "allocation", partial(fields.text, 2000)),
    )
}
# What a row says of its person, in a file with one row for each person of a household (`persons`).
PERSON: dict[str, Field] = {
    item.code: item
    for item in (
        Field("person_role", "Place de la personne dans le ménage", "", "role", _role,
              ("role", "role de la personne", "type de personne", "qualite", "qualite de la personne", "personne",
               "place dans le menage", "rang", "rang de la personne", "statut de la personne")),
        Field("person_link", "Lien de la personne avec le demandeur", "", "link", _link,
              ("lien", "lien de parente", "lien avec le demandeur", "lien demandeur")),
        Field("person_sex", "Sexe de la personne", "", "sex", _reader("sex", str), ("sexe",)),
    )
}  # fmt: skip
ALL: dict[str, Field] = {**FIELDS, **WHOLE, **LIFE, **PERSON}


_TOP = [(item.section, item.name, code) for code, item in ALL.items() if item.section and code[:7] != "membre_"]
_OF_MEMBER = [
    [
        (tuple(item.name.split(".")[2:]), code)
        for code, item in WHOLE.items()
        if item.name.startswith(f"members.{rank}.")
    ]
    for rank in range(MOST_MEMBERS)
]


def cells_of(content: Content, communes: Mapping[str, str]) -> dict[str, Cell]:
    """The cells of a demand by code of field, as `ALL` reads them; `communes` are names by INSEE code.

    Members beyond the twelfth are left out: `MOST_MEMBERS`.
    """
    cells: dict[str, Cell] = {}
    for section, name, code in _TOP:
        if rubric := getattr(content, section):
            cells[code] = cell_of(name, getattr(rubric, name), communes)
    for member, columns in zip(content.menage.members if content.menage else (), _OF_MEMBER, strict=False):
        for path, code in columns:
            value: Any = member
            for name in path:
                value = getattr(value, name, None)
            if path == ("link",) and value:
                cells[code] = label("co_link" if member.role is MemberRole.CO_APPLICANT else "dependant_link", value)
            else:
                cells[code] = cell_of(path[-1], value, communes)
    return cells


def cell_of(name: str, value: Any, communes: Mapping[str, str]) -> Cell:
    """A value of the content as a cell: words for one code, codes for several."""
    if value is None or value == () or value == {}:
        return None
    if name == "commune":
        return BEYOND if value == ELSEWHERE else communes.get(value, value)
    if name == "districts":
        return _JOINED.join(f"{code} {words}" for code, words in value.items())
    if isinstance(value, dict):
        return _JOINED.join(f"{code} {amount:f}".replace(".", ",") for code, amount in value.items())
    if isinstance(value, tuple):
        return _JOINED.join(value)
    if name == "role":
        return str(MemberRole(value).label)
    if name == "eviction_stage" and value:
        return str(EvictionStage(value).label)
    if name in LISTED and value:
        return label(LISTED[name], value)
    return value if isinstance(value, bool | int | date | Decimal) else str(value)


def content_of(values: Mapping[str, Any]) -> Content:
    """The content that values (read by the fields of `ALL`) say. A rubric of which they say nothing is None."""
    sections: dict[str, dict[str, Any]] = {Section.IDENTITY.value: {}}
    members: dict[int, dict[str, Any]] = {}
    for code, value in values.items():
        item = ALL[code]
        if not item.section or value in (None, "", (), {}):
            continue
        if item.name.startswith("members."):
            rank, *path = item.name.split(".")[1:]
            inside = members.setdefault(int(rank), {})
            for name in path[:-1]:
                inside = inside.setdefault(name, {})
            inside[path[-1]] = value
        else:
            sections.setdefault(item.section, {})[item.name] = value
    if members:
        held = [members[rank] for rank in sorted(members)]
        sections.setdefault(Section.HOUSEHOLD.value, {})["members"] = held
    return Content.model_validate(sections)
