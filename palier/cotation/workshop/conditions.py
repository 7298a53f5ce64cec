"""A condition as a form: simple tests joined by « tous » or « un de » or, when it is nested, its own small text."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from palier.common import yamlfile
from palier.common.yamlfile import FileProblems
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field
from palier.cotation.conditions import read_condition
from palier.cotation.facts import is_commune
from palier.cotation.language import ORDER
from palier.cotation.reading import Reader
from palier.cotation.words import PLACES, condition_fr, sentence
from palier.cotation.workshop import blocks
from palier.cotation.workshop.fields import (
    LIVE,
    PartForm,
    boxes,
    capital,
    choice,
    count,
    is_number,
    line,
    months,
    number,
    whole,
)

MOST_TESTS = 8
ZERO = Decimal(0)
NOTHING, TESTS, TEXT = "rien", "tests", "texte"
SECTIONS = {
    "demande": "Demande", "labels": "Reconnaissances", "situation": "Situation", "emploi": "Emploi", "lieux": "Lieux",
    "calc": "Calculé", "logement_actuel": "Logement actuel", "membres": "Une personne du ménage",
}  # fmt: skip
PLACE_OF = {path: which for which, (path, *_) in PLACES.items()}
LOW = {"sup_egal": "au moins", "sup": "plus de", "est": "exactement"}
HIGH = {"inf_egal": "au plus", "inf": "moins de"}
SIDES = {"depuis": "il y a (date passée)", "avant": "dans (date à venir)"}
SPANS = {"sup": "plus de", "sup_egal": "au moins", "inf": "moins de", "inf_egal": "au plus"}


def field_of(path: str) -> Field | None:
    """A field by the path of the form: « calc.age », « membres.handicap »."""
    section, _, name = path.partition(".")
    return MEMBER_FIELDS.get(name) if section == "membres" else FIELDS.get(path)


def field_choices(kinds: Sequence[str], now: str, *, members: bool | None = None) -> list[tuple[str, Any]]:
    """The fields of these kinds by section; unlawful ones only where they are already written.

    `members`: None for both, True for the fields of a person only, False for the others.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    every = [] if members is True else list(FIELDS.values())
    found = [(item.path, item) for item in every]
    found += [] if members is False else [(f"membres.{item.path}", item) for item in MEMBER_FIELDS.values()]
    for path, item in found:
        if item.kind in kinds and (item.lawful or path == now):
            groups.setdefault(path.partition(".")[0], []).append((path, capital(item.label)))
    return [(SECTIONS[section], items) for section, items in groups.items()]


def answers_of(value: Any, *, member: bool = False) -> dict[str, Any] | None:
    """The answers of a simple test, None when the form cannot show it."""
    match value:
        case {"membre": inner} if len(value) == 1 and not member:
            return answers_of(inner, member=True)
        case {"non": {"champ": _} as inner} if len(value) == 1:
            found = answers_of(inner, member=member)
            return {**found, "sign": "hors"} if found and "codes" in found else None
        case {"champ": str(path)}:
            return _field_of(f"membres.{path}" if member else path, {k: v for k, v in value.items() if k != "champ"})
        case {"lieu": str(which), "dans": where} if len(value) == 2 and which in PLACES and not member:
            codes = [where] if isinstance(where, str) and where != "territoire" else where
            listed = ", ".join(map(str, codes)) if isinstance(codes, list) else ""
            return {"what": PLACES[which][0], "area": "liste" if listed else "territoire", "communes": listed}
        case {"depuis": str(path), **tests} | {"avant": str(path), **tests} if len(tests) == 1 and not member:
            ((op, span),) = tests.items()
            known = FIELDS.get(path)
            if op in SPANS and months(span) and known and known.kind == "date":
                return {
                    "what": path,
                    "side": "depuis" if "depuis" in value else "avant",
                    "op": op,
                    "span": months(span),
                }
    return None


def _field_of(what: str, tests: Mapping[str, Any]) -> dict[str, Any] | None:
    item = field_of(what)
    match item.kind if item else "", tests:
        case "bool", {"est": bool(answer)} if len(tests) == 1:
            return {"what": what, "answer": "oui" if answer else "non"}
        case "code", {"est": str(code)} if len(tests) == 1:
            return {"what": what, "sign": "dans", "codes": [code]}
        case "code", {"dans": [*codes]} if len(tests) == 1:
            return {"what": what, "sign": "dans", "codes": sorted(map(str, codes))}
        case "int" | "decimal", _ if item and all(map(is_number, tests.values())):
            low = [op for op in tests if op in LOW]
            high = [op for op in tests if op in HIGH]
            if len(low) <= 1 and len(high) <= 1 and len(low) + len(high) == len(tests) > 0:
                scale = 100 if item.unit == "%" else 1
                found: dict[str, Any] = {"what": what}
                for key, ops in (("low", low), ("high", high)):
                    if ops:
                        found |= {f"{key}_op": ops[0], key: whole(tests[ops[0]] * scale + ZERO)}
                return found
    return None


class TestForm(PartForm):
    """One simple test. Its other fields follow the fact that is chosen."""

    __test__ = False

    def __init__(self, *args: Any, member: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        now = self.typed("what")
        kinds = ("bool", "code", "int", "decimal", "date", "commune", "communes")
        options = field_choices(kinds, now, members=True if member else None)
        self.fields["what"] = choice("Le fait", [("", "Aucun"), *options], widget=forms.Select(attrs=LIVE))
        self.item = field_of(now)
        if member and not now.startswith("membres."):
            self.item = None
        self.fields.update(self._answers())

    def _answers(self) -> dict[str, forms.Field]:
        item = self.item
        match item.kind if item else "":
            case "bool":
                assert item
                return {"answer": choice("Réponse", [("oui", capital(item.yes)), ("non", capital(item.no))])}
            case "code":
                assert item
                signs = [("dans", "est l’une de ces valeurs"), ("hors", "n’est aucune de ces valeurs")]
                labels = [(code, capital(label)) for code, label in item.codes.items()]
                return {"sign": choice("Comparaison", signs), "codes": boxes("Valeurs", labels)}
            case "int" | "decimal":
                assert item
                unit = f" ({item.unit})" if item.unit else ""
                return {
                    "low_op": choice("Limite basse", LOW.items()),
                    "low": number(f"À partir de{unit}"),
                    "high_op": choice("Limite haute", HIGH.items()),
                    "high": number(f"Jusqu’à{unit}"),
                }
            case "date":
                return {
                    "side": choice("Cette date est", SIDES.items()),
                    "op": choice("Comparaison", SPANS.items()),
                    "span": count("Durée, en mois", 1, 1200),
                }
            case "commune" | "communes":
                areas = [("territoire", "Une commune du territoire"), ("liste", "Une de ces communes")]
                helped = "Codes INSEE séparés par des virgules, par exemple 62427, 62215."
                return {"area": choice("Où", areas), "communes": line("Communes", help_text=helped, most=2000)}
        return {}

    @property
    def empty(self) -> bool:
        return not self.typed("what")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = self.item.kind if self.item and data.get("what") else ""
        missing = {"bool": "answer", "code": "codes", "date": "span"}.get(kind)
        if missing and not data.get(missing) and missing not in self.errors:
            self.add_error(missing, "Complétez cette réponse.")
        if kind in ("int", "decimal") and data.get("low") is None and data.get("high") is None and not self.errors:
            self.add_error("low", "Donnez au moins une limite.")
        if data.get("area") == "liste":
            codes = [code.strip() for code in data.get("communes", "").split(",")]
            if not all(is_commune(code) for code in codes):
                self.add_error("communes", "Écrivez des codes INSEE de cinq caractères, séparés par des virgules.")
        return data

    def value(self) -> dict[str, Any]:
        """The test in the language of grids. Only after is_valid()."""
        data, what, item = self.cleaned_data, str(self.cleaned_data["what"]), self.item
        assert item
        section, _, name = what.partition(".")
        found: dict[str, Any] = {"champ": name if section == "membres" else what}
        match item.kind:
            case "bool":
                found["est"] = data["answer"] == "oui"
            case "code":
                codes = data["codes"]
                found |= {"est": codes[0]} if len(codes) == 1 else {"dans": codes}
                if data["sign"] == "hors":
                    found = {"non": found}
            case "date":
                found = {data["side"] or "depuis": what, data["op"] or "sup": f"P{data['span']}M"}
            case "commune" | "communes":
                codes = [code.strip() for code in data["communes"].split(",")]
                found = {"lieu": PLACE_OF[what], "dans": codes if data["area"] == "liste" else "territoire"}
            case _:
                scale = 100 if item.unit == "%" else 1
                for key, default in (("low", "sup_egal"), ("high", "inf_egal")):
                    if data[key] is not None:
                        found[data[f"{key}_op"] or default] = whole(ZERO + data[key] / (ZERO + scale))
        return {"membre": found} if section == "membres" and not self.member else found


class ConditionForm(PartForm):
    """A whole condition. `value` is what the grid says now, None for none; `required` when it cannot do without."""

    def __init__(
        self, data: Any, prefix: str, value: Any, communes: tuple[str, ...], *, required: bool, member: bool = False
    ) -> None:
        self.stored, self.communes, self.member, self.required = value, communes, member, required
        join, rows = _rows(value, member)
        simple = rows is not None
        mode = TEXT if not simple else TESTS if rows or required else NOTHING
        initial = {"mode": mode, "join": join, "text": blocks.tree(value) if value else ""}
        super().__init__(data, prefix=prefix, initial=initial)
        modes = [] if required else [(NOTHING, "Aucune condition")]
        modes += [(TESTS, "Des tests simples"), (TEXT, "Un texte, pour des conditions imbriquées")]
        label = "Quelles personnes comptent" if member else "La condition"
        self.fields["mode"] = choice(label, modes, widget=forms.RadioSelect(attrs=LIVE), required=True)
        self.shows = self.typed("mode") or mode
        self.tests: list[TestForm] = []
        if self.shows == TESTS:
            joins = [("tous", "Tous ces tests"), ("un_de", "Un seul suffit")]
            self.fields["join"] = choice("Il faut", joins, widget=forms.RadioSelect)
            self.tests = self._tests(data, prefix, rows or [])
        elif self.shows == TEXT:
            widget = forms.Textarea(attrs={"class": "mono", "spellcheck": "false", "rows": 6})
            self.fields["text"] = forms.CharField(label="Texte de la condition", required=False, widget=widget)

    def _tests(self, data: Any, prefix: str, rows: list[dict[str, Any]]) -> list[TestForm]:
        """The tests that were filled, and one more to fill."""
        filled = len(rows)
        if data is not None:
            filled = sum(1 for n in range(MOST_TESTS) if data.get(f"{prefix}-{n}-what"))
        return [
            TestForm(
                data if data is not None and f"{prefix}-{n}-what" in data else None,
                prefix=f"{prefix}-{n}",
                initial=rows[n] if n < len(rows) else {},
                member=self.member,
            )
            for n in range(min(MOST_TESTS, filled + 1))
        ]

    @property
    def mode_field(self) -> forms.BoundField:
        return self["mode"]

    @property
    def join_field(self) -> forms.BoundField:
        return self["join"]

    @property
    def text_field(self) -> forms.BoundField:
        return self["text"]

    @property
    def said(self) -> str:
        """What the grid asks now, in words; empty when nothing, or when it cannot be read."""
        if self.stored is None:
            return ""
        reader = Reader(yamlfile.parse("{}", "condition"))
        read = read_condition(reader, (), self.stored, self.communes, member=self.member)
        return "" if reader.problems else sentence(condition_fr(read, member=self.member))

    def quieten(self) -> None:
        self.hush()
        for test in self.tests:
            test.hush()

    def is_valid(self) -> bool:
        self.read: Any = None
        if not super().is_valid():
            return False
        if self.shows == TESTS:
            return self._valid_tests()
        if self.shows == TEXT:
            return self._valid_text()
        return True

    def _valid_tests(self) -> bool:
        filled = [test for test in self.tests if not test.empty and test.is_bound]
        valid = [test.is_valid() for test in filled]
        if not all(valid):
            return False
        values = [test.value() for test in filled]
        if not values and self.required:
            self.add_error("mode", "Ce critère a besoin d’une condition\u00a0: choisissez au moins un fait.")
            return False
        join = self.cleaned_data.get("join") or "tous"
        self.read = (values[0] if len(values) == 1 else {join: values}) if values else None
        if self._unchanged(join, values):
            self.read = self.stored
        return True

    def _unchanged(self, join: str, values: list[dict[str, Any]]) -> bool:
        """Whether the form says what the grid already says, in other words: its own are kept."""
        old_join, rows = _rows(self.stored, self.member)
        if not rows or (len(rows) > 1 and join != old_join):
            return False
        return [answers_of(value, member=self.member) for value in values] == rows

    def _valid_text(self) -> bool:
        text = self.cleaned_data.get("text", "")
        if not text.strip() and not self.required:
            return True
        try:
            source = yamlfile.parse(text, "condition")
            reader = Reader(source)
            read_condition(reader, (), source.value, self.communes, member=self.member)
            problems = reader.problems
        except FileProblems as error:
            problems = error.problems
        for problem in problems:
            self.add_error("text", f"Ligne {problem.line}\u00a0: {problem.sentence}")
        if not problems:
            self.read = source.value
        return not problems

    @property
    def bad(self) -> list[PartForm]:
        """The forms to list in the summary of errors."""
        return [self, *self.tests]


def _rows(value: Any, member: bool) -> tuple[str, list[dict[str, Any]] | None]:
    """How tests are joined, and their answers; None for what only a text can say."""
    if value is None:
        return "tous", []
    join, items = "tous", [value]
    match value:
        case {"tous": [*inner]} | {"un_de": [*inner]} if len(value) == 1:
            join, items = next(iter(value)), inner
    rows = [answers_of(item, member=member) for item in items]
    if not rows or len(rows) > MOST_TESTS or None in rows:
        return join, None
    return join, [row for row in rows if row is not None]


assert set(LOW) | set(HIGH) >= set(ORDER)
