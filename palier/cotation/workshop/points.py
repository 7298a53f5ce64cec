"""The points of a criterion as a form: fixed, counted by month, year, person or refusal, a table, or brackets."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from palier.cotation.catalogue import FIELDS, Field
from palier.cotation.workshop import blocks
from palier.cotation.workshop.conditions import ConditionForm, field_choices
from palier.cotation.workshop.fields import (
    LIVE,
    PartForm,
    boxes,
    capital,
    choice,
    count,
    is_number,
    months,
    number,
    whole,
)

FIXED, TABLE, BRACKETS = "fixe", "table", "tranches"
RULES = {
    FIXED: "Un nombre fixe",
    "mois": "Tant de points par mois",
    "annee": "Tant de points par an",
    "membre": "Tant de points par personne du ménage",
    "refus": "Tant de points par refus",
    TABLE: "Des points selon la réponse (tableau)",
    BRACKETS: "Des points selon un nombre (tranches)",
}
REFUSALS = {"logement_adapte": "d’un logement adapté", "non_legitime": "sans motif légitime"}
MOST_BRACKETS = 8
EDGES = {"inf_egal": "compris", "inf": "non compris"}


def answers_of(value: Any) -> dict[str, Any]:
    """The answers that say a rule of points; what cannot be shown is left empty."""
    if is_number(value):
        return {"rule": FIXED, "points": value}
    if not isinstance(value, dict):
        return {"rule": FIXED}
    if "par" in value:
        found = {"rule": value["par"], "value": value.get("valeur"), "allowance": value.get("franchise")}
        found |= {"cap": value.get("plafond"), "over": value.get("sur"), "span": months(value.get("sur"))}
        return {**found, "counted": value.get("si") if value["par"] == "refus" else None}
    if "table" in value:
        codes = value.get("valeurs")
        given = {f"code_{code}": points for code, points in (codes if isinstance(codes, dict) else {}).items()}
        return {"rule": TABLE, "table": value["table"], "default": value.get("defaut"), **given}
    if "tranches" in value:
        return {"rule": BRACKETS, "brackets": value["tranches"], **_bracket_answers(value)}
    return {"rule": FIXED}


def _bracket_answers(value: Mapping[str, Any]) -> dict[str, Any]:
    item = FIELDS.get(str(value["tranches"]))
    scale = 100 if item and item.unit == "%" else 1
    found: dict[str, Any] = {}
    given = value.get("seuils")
    steps = [step for step in given if isinstance(step, dict)] if isinstance(given, list) else []
    for number_, step in enumerate(steps[:MOST_BRACKETS]):
        edge = next((op for op in EDGES if op in step), None)
        if edge is None or not is_number(step[edge]):
            found["last"] = step.get("points")
            break
        found |= {f"edge_{number_}": edge, f"top_{number_}": whole(step[edge] * scale + Decimal(0))}
        found[f"points_{number_}"] = step.get("points")
    return found


class PointsForm(PartForm):
    """The rule of points; its other fields follow the rule that is chosen."""

    def __init__(self, data: Any, prefix: str, value: Any, communes: tuple[str, ...]) -> None:
        super().__init__(data, prefix=prefix, initial=answers_of(value))
        self.stored = value
        self.fields["rule"] = choice(
            "Comment les points se comptent", RULES.items(), widget=forms.Select(attrs=LIVE), required=True
        )
        self.rule = self.typed("rule") or FIXED
        self.who: ConditionForm | None = None
        self.item: Field | None = None
        self.fields.update(self._asked(communes))

    def _asked(self, communes: tuple[str, ...]) -> dict[str, forms.Field]:
        match self.rule:
            case "mois" | "annee":
                unit = "Les premiers mois" if self.rule == "mois" else "Les premières années"
                dates = choice("Compter depuis", field_choices(("date",), self.typed("over")), required=True)
                return {"over": dates, **_per_unit(f"{unit} qui ne comptent pas")}
            case "membre":
                condition = None
                if isinstance(self.stored, dict) and self.stored.get("par") == "membre":
                    condition = self.stored.get("si")
                data = self.data if self.is_bound else None
                self.who = ConditionForm(data, f"{self.prefix}-qui", condition, communes, required=False, member=True)
                return _per_unit("Les premières personnes qui ne comptent pas")
            case "refus":
                return {
                    "counted": boxes("Seulement les refus", REFUSALS.items()),
                    "span": count("Pendant combien de mois un refus compte", 1, 1200),
                    **_per_unit("Les premiers refus qui ne comptent pas"),
                }
            case "table":
                return self._table()
            case "tranches":
                return self._brackets()
        return {"points": number("Points", required=True, help_text="Un nombre négatif retire des points.")}

    def _table(self) -> dict[str, forms.Field]:
        path = self.typed("table")
        self.item = FIELDS.get(path)
        chosen = choice(
            "Le fait", [("", "À choisir"), *field_choices(("code",), path, members=False)],
            widget=forms.Select(attrs=LIVE), required=True,
        )  # fmt: skip
        each = {
            f"code_{code}": number(capital(label)) for code, label in (self.item.codes if self.item else {}).items()
        }
        last = {"default": number("Toute autre réponse", help_text="0 si vous laissez vide.")} if each else {}
        return {"table": chosen, **each, **last}

    def _brackets(self) -> dict[str, forms.Field]:
        path = self.typed("brackets")
        self.item = FIELDS.get(path)
        chosen = choice(
            "Le nombre", [("", "À choisir"), *field_choices(("int", "decimal"), path, members=False)],
            widget=forms.Select(attrs=LIVE), required=True,
        )  # fmt: skip
        asked: dict[str, forms.Field] = {"brackets": chosen}
        if self.item is None:
            return asked
        unit = f" ({self.item.unit})" if self.item.unit else ""
        filled = [n for n in range(MOST_BRACKETS) if self.typed(f"top_{n}")]
        for n in range(min(MOST_BRACKETS, (max(filled) if filled else 0) + 2)):
            asked[f"top_{n}"] = number(f"{'Jusqu’à' if not n else 'Puis jusqu’à'}{unit}")
            asked[f"edge_{n}"] = choice("Cette limite est", EDGES.items())
            asked[f"points_{n}"] = number("Points")
        return {**asked, "last": number("Au-delà, points", required=True)}

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        """The fields, those of a bracket together."""
        rows: list[list[forms.BoundField]] = []
        for name in self.fields:
            if name.startswith(("edge_", "points_")) and name != "points":
                rows[-1].append(self[name])
            else:
                rows.append([self[name]])
        return rows

    def quieten(self) -> None:
        self.hush()
        if self.who:
            self.who.quieten()

    def is_valid(self) -> bool:
        valid = super().is_valid()
        return (self.who is None or self.who.is_valid()) and valid

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            self.rule == TABLE
            and self.item
            and not any(data.get(f"code_{code}") is not None for code in self.item.codes)
        ):
            self.add_error("table", "Donnez des points à au moins une réponse.")
        if self.rule == BRACKETS and self.item:
            self._check_brackets(data)
        return data

    def _check_brackets(self, data: dict[str, Any]) -> None:
        last: Decimal | int | None = None
        for n in range(MOST_BRACKETS):
            top, points = data.get(f"top_{n}"), data.get(f"points_{n}")
            if top is None:
                if points is not None and f"points_{n}" in self.fields:
                    self.add_error(f"top_{n}", "Donnez la limite de cette tranche.")
                continue
            if points is None:
                self.add_error(f"points_{n}", "Donnez les points de cette tranche.")
            if last is not None and top <= last:
                self.add_error(f"top_{n}", "Les tranches vont de la plus basse à la plus haute.")
            last = top
        if last is None and "top_0" not in self.errors:
            self.add_error("top_0", "Donnez au moins une limite.")

    def value(self) -> Any:
        """The rule in the language of grids; the very one that was there when nothing was changed."""
        new = self._value()
        unchanged = isinstance(self.stored, dict) and _same(answers_of(new), answers_of(self.stored))
        if unchanged and (self.who is None or blocks.flow(new.get("si")) == blocks.flow(self.stored.get("si"))):
            return self.stored
        return new

    def _value(self) -> Any:
        data = self.cleaned_data
        if self.rule == FIXED:
            return data["points"]
        if self.rule == TABLE:
            assert self.item
            given = {code: data[f"code_{code}"] for code in self.item.codes if data.get(f"code_{code}") is not None}
            found = {"table": data["table"], "valeurs": given}
            return found if data.get("default") is None else {**found, "defaut": data["default"]}
        if self.rule == BRACKETS:
            return {"tranches": data["brackets"], "seuils": list(self._steps())}
        found = {"par": self.rule}
        if self.rule == "refus":
            found |= {"sur": f"P{data['span']}M"} if data.get("span") else {}
            found |= {"si": data["counted"]} if data.get("counted") else {}
        elif self.who is None:
            found["sur"] = data["over"]
        elif self.who.read is not None:
            found["si"] = self.who.read
        found["valeur"] = data["value"]
        for key, name in (("franchise", "allowance"), ("plafond", "cap")):
            if data.get(name):
                found[key] = data[name]
        return found

    def _steps(self) -> Any:
        """The brackets, each from where the one before it ends: neither hole nor overlap."""
        data, item = self.cleaned_data, self.item
        scale = Decimal(100 if item and item.unit == "%" else 1)
        low: dict[str, Any] = {}
        for n in range(MOST_BRACKETS):
            if data.get(f"top_{n}") is None:
                continue
            top, edge = whole(data[f"top_{n}"] / scale), data.get(f"edge_{n}") or "inf_egal"
            yield {**low, edge: top, "points": data[f"points_{n}"]}
            low = {"sup" if edge == "inf_egal" else "sup_egal": top}
        yield {**low, "points": data["last"]}


def _per_unit(first: str) -> dict[str, forms.Field]:
    return {
        "value": number("Points pour chacun", required=True, help_text="Un nombre négatif retire des points."),
        "allowance": count(first, 0, 1200, help_text="Laissez vide si tous comptent."),
        "cap": number("Au plus, en points", least=0, help_text="Laissez vide s’il n’y a pas de plafond."),
    }


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    def said(answers: Mapping[str, Any]) -> dict[str, Any]:
        return {key: item for key, item in answers.items() if item not in (None, "", [])}

    return said(one) == said(other)
