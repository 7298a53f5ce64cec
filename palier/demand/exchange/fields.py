"""What a column of an export may hold, how each cell is read, and under which titles it is usually found. Pure.

Cells become plain JSON values, as `Content.to_json` has them. A reader raises ValueError with one French sentence.
Code lists are those of the form (demande.md §1.3); a code or its label is read alike, whatever its case and accents.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.db.models import TextChoices

from palier.common.errors import Refusal
from palier.common.text import clean, normalise
from palier.demand import enums, rules
from palier.demand.facts import ELSEWHERE
from palier.people.api import Civility

UNKNOWN = "Ce code n’est pas dans la liste du formulaire."
Value = Any
Read = Callable[[str], Value]


@dataclass(frozen=True)
class Known:
    """What reading depends on: the day, the oldest filing, the communes of the territory (name or INSEE → INSEE).

    `said` gives, by field, what the files of this territory call a code.
    """

    on: date
    oldest: date
    communes: Mapping[str, str]
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """One thing that a column may hold. `section` is "" for the demand itself. `titles` are compared normalised.

    A cell that `plain` matches says itself, letter for letter: it needs no reading.
    """

    code: str
    label: str
    section: str
    name: str
    reader: Callable[[str, Known], Value]
    titles: tuple[str, ...] = ()
    needed: bool = False
    plain: re.Pattern[str] | None = None


# Words as they are kept: nothing to clean, to quote or to refuse.
_WORDS = re.compile(r"(?=.{1,120}\Z)[0-9A-Za-zÀ-ÖØ-öø-ÿ](?:[0-9A-Za-zÀ-ÖØ-öø-ÿ’'.,/-]*+(?: (?! |\Z))?+)*+")
_TELEPHONE = re.compile(r"\+?[0-9]{6,15}")


def text(longest: int, raw: str, known: Known) -> str:
    said = clean(raw)
    if len(said) > longest:
        raise ValueError(f"Ce texte est trop long\u00a0: {longest} caractères au plus.")
    return said


def nud(raw: str, known: Known) -> str:
    if rules.NUD_FORM.fullmatch(raw):
        return raw
    try:
        number, _ = rules.read_nud(clean(raw))
    except Refusal as refusal:
        raise ValueError(refusal.sentence) from refusal
    if not re.fullmatch(r"[0-9A-Z]{6,30}", number):
        raise ValueError("Ce n’est pas un numéro unique. Un numéro unique compte 18 chiffres et lettres.")
    if re.fullmatch(r"[0-9](,[0-9]+)?E\+?[0-9]+", number):
        raise ValueError("Le tableur a abîmé ce numéro. Exportez de nouveau, colonne au format texte.")
    return number


_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_FRENCH = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: .*)?")


def day(raw: str, known: Known) -> date:
    if match := _ISO.fullmatch(raw):
        year, month, number = match.groups()
    elif match := _FRENCH.fullmatch(raw):
        number, month, year = match.groups()
    else:
        raise ValueError("Cette date ne se lit pas. Écrivez-la jour/mois/année, par exemple 12/03/1985.")
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise ValueError("Ce jour n’existe pas dans le calendrier.") from None


def birth(raw: str, known: Known) -> date:
    born = day(raw, known)
    if born > known.on:
        raise ValueError("La date de naissance est dans le futur. Vérifiez l’année.")
    if born.year < known.on.year - 120:
        raise ValueError("La date de naissance donne plus de 120 ans. Vérifiez l’année.")
    return born


def filed(raw: str, known: Known) -> date:
    filed_on = day(raw, known)
    try:
        rules.check_filed_on(filed_on, known.oldest, known.on)
    except Refusal as refusal:
        raise ValueError(refusal.sentence) from refusal
    return filed_on


def amount(raw: str, known: Known) -> str | None:
    plain = re.sub(r"[\s€]|euros?$", "", raw, flags=re.IGNORECASE).replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError("Ce n’est pas un montant. Écrivez par exemple 650 ou 650,50.") from None
    if not value.is_finite() or not 0 <= value < 10_000_000:
        raise ValueError("Ce montant est hors de ce qui peut être\u00a0: de 0 à 9\u202f999\u202f999.")
    return str(value.quantize(Decimal("0.01")).normalize() + 0) if value % 1 else str(int(value))


def count(raw: str, known: Known) -> int | None:
    plain = re.sub(r"[.,]0+$", "", raw)
    if not re.fullmatch(r"[0-9]{1,2}", plain):
        raise ValueError("Écrivez un nombre entier, de 0 à 99.")
    return int(plain)


_YES, _NO = {"oui", "o", "1", "true", "vrai", "x", "yes"}, {"non", "n", "0", "false", "faux", "no"}


def yes_no(raw: str, known: Known) -> bool | None:
    said = normalise(raw)
    if said in _YES or said in _NO:
        return said in _YES
    raise ValueError("Écrivez oui ou non.")


def _codes(choices: type[TextChoices]) -> dict[str, str]:
    named = {normalise(label): code for code, label in choices.choices}
    return named | {normalise(code): code for code in choices.values}


def choice(codes: Mapping[str, str], raw: str, known: Known) -> str:
    # « 1 » for « 01 »: spreadsheets drop zeros.
    said = normalise(raw)
    found = codes.get(said) or codes.get(said.zfill(2))
    if found is None:
        raise ValueError(UNKNOWN)
    return found


def several(one: Callable[[str, Known], str], raw: str, known: Known) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one(item, known) for item in parted(raw)))


def commune(raw: str, known: Known) -> str:
    said = normalise(raw)
    if found := known.communes.get(said):
        return found
    if re.fullmatch(r"[0-9][0-9ab][0-9]{3}", said):
        return ELSEWHERE
    raise ValueError("Cette commune n’est pas du territoire. Écrivez son nom ou son code INSEE.")


def wished(raw: str, known: Known) -> tuple[str, ...]:
    """The communes of the territory among those wished, in order: Palier does not follow the others."""
    return tuple(code for code in several(commune, raw, known) if code != ELSEWHERE)


_CIVILITIES = _codes(Civility) | {"1": "mr", "2": "mrs", "monsieur": "mr", "madame": "mrs", "mademoiselle": "mrs"}
_CIVILITIES |= {"f": "mrs", "h": "mr", "mlle": "mrs", "3": "mrs"}
_FAMILIES = _codes(enums.Family) | {
    "marie": "M", "mariee": "M", "marie e": "M", "divorce": "D", "divorcee": "D", "divorce e": "D", "separe": "S",
    "separee": "S", "separe e": "S", "pacs": "P", "pacse": "P", "pacsee": "P", "pacse e": "P", "concubinage": "U",
    "concubin": "U", "concubine": "U", "concubin e": "U", "veuf": "V", "veuve": "V", "veuf ve": "V",
}  # fmt: skip
_NATIONALITIES = _codes(enums.Nationality) | {"francais": "1", "ue": "2", "hors ue": "3"}


def _one(choices: type[TextChoices]) -> Callable[[str, Known], str]:
    return partial(choice, _codes(choices))


_NAME = partial(text, 120)


def _fields(*fields: Field) -> dict[str, Field]:
    return {item.code: item for item in fields}


FIELDS = _fields(
    Field("nud", "Numéro unique", "", "nud", nud,
          ("numunique", "nud", "numero unique", "no unique", "numero unique d enregistrement", "num unique",
           "numero de demande"), needed=True, plain=rules.NUD_FORM),
    Field("filed_on", "Date de dépôt de la demande", "", "filed_on", filed,
          ("datecreationdemande", "date de depot", "date de creation", "date de la demande", "date de demande",
           "date de depot initial", "date creation demande", "date de premiere demande"), needed=True),
    Field("birth_name", "Nom de naissance", "identite", "birth_name", _NAME,
          ("nompatronymique", "nom de naissance", "nom patronymique", "nom de famille", "nom naissance"),
          needed=True, plain=_WORDS),
    Field("usage_name", "Nom d’usage", "identite", "usage_name", _NAME,
          ("nom", "nom d usage", "nom usuel"), plain=_WORDS),
    Field("first_names", "Prénoms", "identite", "first_names", _NAME, ("prenom", "prenoms"), plain=_WORDS),
    Field("birth_date", "Date de naissance", "identite", "birth_date", birth,
          ("datenaissance", "date de naissance", "ne le", "date naissance"), needed=True),
    Field("civility", "Civilité", "identite", "civility", partial(choice, _CIVILITIES), ("civilite",)),
    Field("nationality", "Nationalité", "identite", "nationality", partial(choice, _NATIONALITIES), ("nationalite",)),
    Field("phone", "Téléphone", "adresse", "phone", partial(text, 40),
          ("telportable", "telephone", "tel portable", "telephone portable", "portable", "tel"), plain=_TELEPHONE),
    Field("email", "Adresse électronique", "adresse", "email", partial(text, 254),
          ("mel", "courriel", "email", "e mail", "adresse electronique", "mail")),
    Field("line", "Numéro et voie", "adresse", "line", partial(text, 200),
          ("adresse", "voie", "adresse postale", "numero et voie"), plain=_WORDS),
    Field("complement", "Complément d’adresse", "adresse", "complement", partial(text, 200),
          ("complement", "complement d adresse"), plain=_WORDS),
    Field("postal_code", "Code postal", "adresse", "postal_code", partial(text, 10), ("codepostal", "code postal")),
    Field("town", "Ville", "adresse", "town", partial(text, 80), ("ville", "commune", "commune de residence")),
    Field("family", "Situation familiale", "situation", "family", partial(choice, _FAMILIES),
          ("situationfamiliale", "situation familiale")),
    Field("dalo", "Reconnu DALO", "situation", "dalo", yes_no, ("dalo", "reconnu dalo")),
    Field("contract", "Emploi", "travail", "contract", _one(enums.Contract),
          ("typecontrattravail", "situation professionnelle", "contrat", "type de contrat", "emploi")),
    Field("rfr_n2", "Revenu fiscal N-2", "ressources", "rfr_n2", amount,
          ("montantmoins2", "rfr n 2", "revenu fiscal n 2", "revenu fiscal de reference n 2", "rfr")),
    Field("rfr_n1", "Revenu fiscal N-1", "ressources", "rfr_n1", amount,
          ("montantmoins1", "rfr n 1", "revenu fiscal n 1", "revenu fiscal de reference n 1")),
    Field("kind", "Logement actuel", "logement", "kind", _one(enums.DwellingKind),
          ("modelelogement", "logement actuel", "mode de logement", "type de logement actuel")),
    Field("type", "Type du logement actuel", "logement", "type", _one(enums.DwellingType), ("typelogementactuel",)),
    Field("surface", "Surface du logement actuel", "logement", "surface", amount, ("surface",)),
    Field("occupants", "Occupants du logement actuel", "logement", "occupants", count,
          ("nombrehabitant", "occupants", "nombre d occupants", "nombre d habitants")),
    Field("rent", "Loyer actuel", "logement", "rent", amount, ("montantmensuelloyer", "loyer", "loyer actuel")),
    Field("codes", "Motifs de la demande", "motifs", "codes", partial(several, _one(enums.Ground)),
          ("listemotifdemande", "motif", "motifs", "motif de la demande", "motifs de la demande")),
    Field("category", "Catégorie de logement recherchée", "recherche", "category", _one(enums.Category),
          ("categorielogement", "categorie de logement", "categorie recherchee")),
    Field("types", "Types de logement recherchés", "recherche", "types", partial(several, _one(enums.DwellingType)),
          ("typelogement", "types recherches", "typologie", "type recherche", "type de logement recherche")),
    Field("communes", "Communes souhaitées", "recherche", "communes", wished,
          ("localisationsouhaite", "communes souhaitees", "commune souhaitee", "commune demandee")),
    Field("wider_area", "Demande élargie", "recherche", "wider_area", yes_no,
          ("demandeelargie", "demande elargie")),
)  # fmt: skip
NEEDED = tuple(item.code for item in FIELDS.values() if item.needed)


def proposed(header: tuple[str, ...], every: Mapping[str, Field] = FIELDS) -> dict[int, str]:
    """The field that each column most likely holds, from its title; a field is proposed once, the first ones first."""
    titles: dict[str, str] = {}
    for item in every.values():
        for title in (normalise(item.label), *item.titles):
            titles.setdefault(title, item.code)
    found: dict[int, str] = {}
    held: set[str] = set()
    for column, title in enumerate(header):
        # A file of the national system says its element after the title: « Numéro unique [numUnique] ».
        code = titles.get(normalise(title.split(" [")[0]))
        if code and code not in held:
            found[column] = code
            held.add(code)
    return found


def codes_of(one: Field) -> Mapping[str, str]:
    """What a cell may say, normalised, and the code it means; nothing for a field without list."""
    reader = one.reader
    if isinstance(reader, partial) and reader.func is several:
        reader = reader.args[0]
    return reader.args[0] if isinstance(reader, partial) and reader.func is choice else {}


def parted(raw: str) -> list[str]:
    """The values of a cell that holds several."""
    return [item.strip() for item in re.split(r"[|,;/\n]", raw) if item.strip()]


def translated(one: Field, raw: str, said: Mapping[str, str]) -> str:
    """A cell with the codes that the territory says otherwise; `said` gives them, normalised."""
    if found := said.get(normalise(raw)):
        return found
    if isinstance(one.reader, partial) and one.reader.func is several:
        return "|".join(said.get(normalise(item), item) for item in parted(raw))
    return raw
