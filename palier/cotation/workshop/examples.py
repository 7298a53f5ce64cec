"""One example of a draft as a form: the facts that the grid reads, what it gives today, and what is expected.

A fact left blank is unknown. Facts shared by all the examples (`communs`) are written once; an example writes only what
differs, and what its form does not ask (proofs, facts that the grid no longer reads) stays as it is.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field
from palier.cotation.engine import CompiledGrid, evaluate
from palier.cotation.facts import UNKNOWN, WrongFacts, read_facts
from palier.cotation.outlook import facts_read
from palier.cotation.score import Score
from palier.cotation.workshop.conditions import SECTIONS
from palier.cotation.workshop.fields import (
    LIVE,
    PartForm,
    boxes,
    capital,
    choice,
    count,
    day,
    is_number,
    line,
    number,
    whole,
)

MOST_PEOPLE, MOST_REFUSALS, MOST_EXPECTED = 12, 3, 200
NONE, ELSEWHERE = "sans_objet", "00000"
YES_NO = {"oui": True, "non": False}


def merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an example over those that all share, section by section."""
    found = {**common, **own}
    for key, value in own.items():
        shared = common.get(key)
        if isinstance(value, dict) and isinstance(shared, dict):
            found[key] = {**shared, **value}
    return found


class FactsForm(PartForm):
    """The facts that a grid reads, asked as they are; blank is unknown."""

    def __init__(
        self, compiled: CompiledGrid, communes: Mapping[str, str], facts: Mapping[str, Any], data: Any = None
    ) -> None:
        self.paths = facts_read(compiled)
        self.communes = dict(communes)
        self.given = facts
        members, refusals = _list(facts.get("membres")), _list(facts.get("refus"))
        super().__init__(data, prefix="f", initial={})
        self.initial = self._answers(members, refusals)
        self.sections: list[tuple[str, list[str]]] = []
        for section, title in SECTIONS.items():
            asked = [
                item for item in FIELDS.values() if item.path in self.paths and item.path.startswith(f"{section}.")
            ]
            names = [name for item in asked for name in self._ask(item)]
            if names:
                self.sections.append((title, names))
        self._ask_people()
        self._ask_refusals()

    def _answers(self, members: Sequence[Any] | None, refusals: Sequence[Any] | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for path in self.paths & FIELDS.keys():
            section, _, key = path.partition(".")
            block = self.given.get(section)
            if isinstance(block, dict) and key in block:
                found |= _answer(FIELDS[path], block[key])
        if members is not None:
            found["personnes"] = len(members)
            for n, member in enumerate(members):
                for key, value in (member if isinstance(member, dict) else {}).items():
                    found |= {f"p{n}_{key}": _typed(value)}
        if refusals is not None:
            found["refus"] = str(min(len(refusals), MOST_REFUSALS))
            for n, one in enumerate(refusals):
                for key, value in (one if isinstance(one, dict) else {}).items():
                    found[f"r{n}_{key}"] = _typed(value)
        return found

    def _ask(self, item: Field) -> list[str]:
        label, names = capital(item.label), [item.path]
        blank = ("", "Non renseigné")
        none = [(NONE, capital(item.none))] if item.none and not item.absent_is_none else []
        match item.kind:
            case "bool":
                asked: forms.Field = choice(label, [blank, ("oui", capital(item.yes)), ("non", capital(item.no))])
            case "code":
                asked = choice(label, [blank, *((code, capital(said)) for code, said in item.codes.items()), *none])
            case "commune":
                code = str(self.initial.get(item.path) or "")
                other = [(code, code)] if code and code not in (NONE, ELSEWHERE, *self.communes) else []
                elsewhere = (ELSEWHERE, "Une commune d’ailleurs")
                asked = choice(label, [blank, *self.communes.items(), *other, elsewhere, *none])
            case "communes":
                asked = boxes(label, self.communes.items())
            case "date":
                asked = day(label)
                if none:
                    names.append(f"{item.path}{NONE}")
                    self.fields[names[-1]] = forms.BooleanField(label=capital(item.none), required=False)
            case "int" | "decimal":
                asked = number(f"{label} ({item.unit})" if item.unit else label, least=item.minimum)
            case _:
                return []
        self.fields[item.path] = asked
        return names

    def _ask_people(self) -> None:
        read = [item for item in MEMBER_FIELDS.values() if f"membres.{item.path}" in self.paths]
        if not read and "membres" not in self.paths:
            return
        helped = "Le demandeur compris. Vide\u00a0: non renseigné."
        field = count("Combien de personnes", 0, MOST_PEOPLE, help_text=helped)
        field.widget.attrs.update(LIVE)
        self.fields["personnes"] = field
        self.people = read
        typed = self.typed("personnes") if self.is_bound else str(self.initial.get("personnes", ""))
        how_many = min(int(typed), MOST_PEOPLE) if typed.isascii() and typed.isdigit() else 0
        for n in range(how_many):
            for item in read:
                name = f"p{n}_{item.path}"
                options = [("", "Non renseigné"), ("oui", "Oui"), ("non", "Non")]
                asked = (
                    choice(capital(item.label), options)
                    if item.kind == "bool"
                    else number(capital(item.label), least=0)
                )
                self.fields[name] = asked
        self.how_many = how_many

    def _ask_refusals(self) -> None:
        if "refus" not in self.paths:
            return
        options = [("", "Non renseigné"), ("0", "Aucun"), *((str(n), str(n)) for n in range(1, MOST_REFUSALS + 1))]
        self.fields["refus"] = choice("Combien de logements refusés", options, widget=forms.Select(attrs=LIVE))
        typed = self.typed("refus") if self.is_bound else str(self.initial.get("refus", ""))
        self.refusals = int(typed) if typed in ("1", "2", "3") else 0
        for n in range(self.refusals):
            options = [("", "Non renseigné"), ("oui", "Oui"), ("non", "Non")]
            self.fields[f"r{n}_date"] = day("Date du refus", required=True)
            self.fields[f"r{n}_logement_adapte"] = choice("Logement adapté", options)
            self.fields[f"r{n}_legitime"] = choice("Motif légitime", options)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The questions under their titles."""
        found = [(title, [self[name] for name in names]) for title, names in self.sections]
        if "personnes" in self.fields:
            found.append(("Le ménage", [self["personnes"]]))
            for n in range(self.how_many):
                asked = [self[f"p{n}_{item.path}"] for item in self.people]
                found.append((f"Personne {n + 1}" + (" (le demandeur)" if not n else ""), asked))
        if "refus" in self.fields:
            asked = [self["refus"]]
            for n in range(self.refusals):
                asked += [self[f"r{n}_{key}"] for key in ("date", "logement_adapte", "legitime")]
            found.append(("Les refus", asked))
        return found

    def facts(self) -> dict[str, Any]:
        """Every fact known, those that are not asked here included. Only after is_valid()."""
        found = {key: dict(value) if isinstance(value, dict) else value for key, value in self.given.items()}
        for path in self.paths & FIELDS.keys():
            if path not in self.fields:
                continue
            section, _, key = path.partition(".")
            block = found.setdefault(section, {})
            known, value = self._fact(FIELDS[path])
            block.pop(key, None)
            if known:
                block[key] = value
        if "personnes" in self.fields:
            found.pop("membres", None)
            if self.cleaned_data.get("personnes") is not None:
                found["membres"] = [self._person(n) for n in range(self.how_many)]
        if "refus" in self.fields:
            found.pop("refus", None)
            if self.cleaned_data.get("refus"):
                found["refus"] = [self._refusal(n) for n in range(self.refusals)]
        return {key: value for key, value in found.items() if value != {}}

    def _fact(self, item: Field) -> tuple[bool, Any]:
        """Whether the fact is known, and its value (None: « sans objet »)."""
        value = self.cleaned_data.get(item.path)
        if value == NONE or self.cleaned_data.get(f"{item.path}{NONE}"):
            return True, None
        if value in (None, "", []):
            return False, None
        if item.kind == "bool":
            return True, YES_NO[value]
        if item.unit == "%" and is_number(value):
            return True, whole(value / Decimal(100))
        return True, value

    def _person(self, n: int) -> dict[str, Any]:
        stored = _list(self.given.get("membres")) or []
        before = stored[n] if n < len(stored) and isinstance(stored[n], dict) else {}
        asked = {item.path for item in self.people}
        found = {key: value for key, value in before.items() if key not in asked}
        for item in self.people:
            value = self.cleaned_data.get(f"p{n}_{item.path}")
            if value not in (None, ""):
                found[item.path] = YES_NO[value] if item.kind == "bool" else value
        return found

    def _refusal(self, n: int) -> dict[str, Any]:
        data = self.cleaned_data
        flags = {key: YES_NO.get(data.get(f"r{n}_{key}", "")) for key in ("logement_adapte", "legitime")}
        return {"date": data[f"r{n}_date"], **{key: value for key, value in flags.items() if value is not None}}


def _list(value: Any) -> Sequence[Any] | None:
    return value if isinstance(value, list) else None


def _typed(value: Any) -> Any:
    """A value as its question shows it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value == UNKNOWN else value


def _answer(item: Field, value: Any) -> dict[str, Any]:
    if value == UNKNOWN or (value is None and not item.none):
        return {}
    if value is None:
        return {f"{item.path}{NONE}": True} if item.kind == "date" else {item.path: NONE}
    if item.unit == "%" and is_number(value):
        return {item.path: whole(value * Decimal(100))}
    return {item.path: _typed(value)}


def own_facts(common: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What an example writes: what differs from the facts shared by all; a shared fact it lacks is « inconnu »."""
    found: dict[str, Any] = {}
    for key in (*common, *(key for key in facts if key not in common)):
        shared, mine = common.get(key), facts.get(key)
        if isinstance(shared, dict) or isinstance(mine, dict):
            before = shared if isinstance(shared, dict) else {}
            after = mine if isinstance(mine, dict) else {}
            block = {name: value for name, value in after.items() if name not in before or _differ(before[name], value)}
            block |= {name: UNKNOWN for name in before if name not in after and before[name] != UNKNOWN}
            if block:
                found[key] = block
        elif key not in facts:
            found[key] = UNKNOWN
        elif key not in common or _differ(shared, mine):
            found[key] = mine
    return found


def _differ(one: Any, other: Any) -> bool:
    return one != other or isinstance(one, bool) != isinstance(other, bool)


class ExpectedForm(PartForm):
    """The points expected of each criterion, and of the whole."""

    def __init__(
        self, compiled: CompiledGrid, expected: Mapping[str, Any], score: Score | None, data: Any = None
    ) -> None:
        wanted = expected.get("criteres")
        points = wanted if isinstance(wanted, dict) else {}
        self.lines = {line.id: line for line in score.lines} if score else {}
        initial = {f"c_{code}": value for code, value in points.items()} | {"total": expected.get("total")}
        super().__init__(data, prefix="a", initial=initial)
        criteria = compiled.grid.criteria[:MOST_EXPECTED]
        self.fields["total"] = number("Total attendu")
        for criterion in criteria:
            self.fields[f"c_{criterion.id}"] = number(criterion.label)
        self.criteria = [item.id for item in criteria]

    @property
    def rows(self) -> list[tuple[forms.BoundField, Any, bool]]:
        """Each criterion: the points to write, its line of the present score, and whether it speaks."""
        found = []
        for code in self.criteria:
            present = self.lines.get(code)
            speaks = bool(self.initial.get(f"c_{code}")) or bool(present and present.points)
            found.append((self[f"c_{code}"], present, speaks))
        return sorted(found, key=lambda row: not row[2])

    def expected(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What is expected, as typed; what was stored when it says the same. Only after is_valid()."""
        points = {code: self.cleaned_data[f"c_{code}"] for code in self.criteria if self.cleaned_data.get(f"c_{code}")}
        total = self.cleaned_data.get("total")
        before = stored.get("criteres")
        was = {code: value for code, value in before.items() if value} if isinstance(before, dict) else {}
        if was == points and stored.get("total") == total and stored:
            return dict(stored)
        kept = {key: stored[key] for key in ("grille",) if key in stored}
        return {"statut": "cote", **kept, "criteres": points} | ({} if total is None else {"total": total})


class ExampleForm(PartForm):
    """The name of an example and its day."""

    quiet = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nom"] = line(
            "Nom de l’exemple", required=True, most=200, help_text="Ce qu’il montre, sans nom de personne."
        )
        self.fields["le"] = day("Jour du calcul", required=True)


def score_of(compiled: CompiledGrid, facts: Mapping[str, Any], on: Any) -> Score | str:
    """The score of these facts on that day, or what is wrong in them."""
    try:
        return evaluate(compiled, read_facts(facts), on)
    except WrongFacts as error:
        return str(error)


def accepted(score: Score) -> dict[str, Any]:
    """The present result as what is expected from now on."""
    return {key: _exact(value) for key, value in score.expected().items()}


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    return whole(Decimal(str(value))) if isinstance(value, float) else value
