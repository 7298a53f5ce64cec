"""The forms of one item of a draft: a criterion, a family, a rule above the points.

Each starts from the block as the text has it, and gives the block to write; keys it does not know stay as they are.
"""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from palier.common.text import normalise
from palier.cotation.language import PUBLICS
from palier.cotation.words import PUBLICS as PUBLICS_FR
from palier.cotation.workshop.conditions import ConditionForm
from palier.cotation.workshop.fields import PartForm, boxes, capital, choice, count, kept, line, months, number
from palier.cotation.workshop.points import FIXED, PointsForm
from palier.cotation.workshop.reading import NEEDED

FAMILY_RULES = {
    "somme": "Les points de ses critères s’ajoutent",
    "max": "Seul le critère le plus fort compte",
    "exclusif": "Un seul critère peut être vrai",
}
MOST_REPLACED = 60


class Root:
    """The grid around the block: what its choices are made of. Whatever is wrong in it is left out."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        place = root.get("territoire")
        codes = place.get("communes") if isinstance(place, dict) else []
        self.communes = tuple(str(code) for code in codes) if isinstance(codes, list) else ()
        self.families = self._names("familles")
        self.criteria = self._names("criteres")
        publics = root.get("publics", ["primo"])
        self.publics = [item for item in PUBLICS if isinstance(publics, list) and item in publics]

    def _names(self, part: str) -> list[tuple[str, str]]:
        items = self.root.get(part)
        blocks = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        return [(str(item.get("id")), str(item.get("libelle") or item.get("id"))) for item in blocks]

    def new_id(self, part: str, words: str) -> str:
        """A short name drawn from the words, that nothing else has."""
        items = self.root.get(part)
        taken = {item.get("id") for item in items if isinstance(item, dict)} if isinstance(items, list) else set()
        base = re.sub(r"[^a-z0-9]+", "_", normalise(words)).strip("_")[:40] or "critere"
        return next(name for n in range(1, 10_000) if (name := base if n == 1 else f"{base}_{n}") not in taken)


class ItemForm(PartForm):
    """One item of a list. `points` and `condition` are its parts, where it has some."""

    part = ""
    quiet = False
    points: PointsForm | None = None
    condition: ConditionForm | None = None

    def __init__(self, root: Root, item: Mapping[str, Any], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial={**self.answers(item), **(initial or {})})
        self.root, self.item = root, dict(item)
        self.build(data)

    def answers(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return dict(item)

    def build(self, data: Any) -> None:
        """Add the fields that depend on the grid."""

    @property
    def parts(self) -> list[PartForm]:
        """Every form of the page, for the summary of errors."""
        found: list[PartForm] = [self]
        if self.points:
            found += [self.points, *(self.points.who.bad if self.points.who else [])]
        return found + (self.condition.bad if self.condition else [])

    @property
    def wrong(self) -> bool:
        """Whether something typed must be corrected."""
        return any(form.is_bound and form.errors for form in self.parts)

    @property
    def replaces(self) -> forms.BoundField | None:
        """The boxes of the criteria that this one replaces, apart from the rest: they are many."""
        return self["remplace"] if "remplace" in self.fields else None

    @property
    def name(self) -> str:
        """What the item is called."""
        return str(self.item.get("libelle") or self.item.get("motif") or self.item.get("id") or "")

    def quieten(self) -> None:
        for form in self.parts:
            form.hush()

    def is_valid(self) -> bool:
        own = super().is_valid()
        inner = [form.is_valid() for form in (self.points, self.condition) if form is not None]
        return own and all(inner)

    def block(self) -> dict[str, Any]:
        """The block to write. Only after is_valid()."""
        raise NotImplementedError

    def _id(self, words: str) -> str:
        return str(self.item.get("id") or self.root.new_id(self.part, words))


class CriterionForm(ItemForm):
    """One criterion."""

    part = "criteres"

    def build(self, data: Any) -> None:
        root = self.root
        proofs = [(str(code), capital(label)) for code, label in NEEDED.items()]
        self.fields["libelle"] = line("Nom du critère", required=True, help_text="Tel que le demandeur le lira.")
        self.fields["famille"] = choice("Famille", [("", "À choisir"), *root.families], required=True)
        self.fields["preuve"] = choice("Ce qui le prouve", [("", "À choisir"), *proofs], required=True)
        self.fields["validite"] = count("La preuve vaut combien de mois", 1, 1200, help_text="Vide\u00a0: sans limite.")
        if len(root.publics) > 1:
            self.fields["publics"] = boxes(
                "Pour qui",
                [(code, capital(PUBLICS_FR[code])) for code in root.publics],
                help_text="Tous, si rien n’est coché.",
            )
        self.fields["base"] = line("Article ou acte qui le fonde", help_text="Par exemple L441-1.")
        priority = "Met en œuvre une priorité de l’article L441-1"
        self.fields["obligatoire"] = choice(priority, [("", "Non"), ("oui", "Oui")])
        others = [(code, label) for code, label in root.criteria if code != self.item.get("id")]
        if 0 < len(others) <= MOST_REPLACED:
            self.fields["remplace"] = boxes("Quand il est vrai, il remplace", others)
        self.points = PointsForm(data, "regle", self.item.get("points"), root.communes)
        required = self.points.rule == FIXED
        self.condition = ConditionForm(data, "si", self.item.get("quand"), root.communes, required=required)

    def answers(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **item,
            "validite": months(item.get("validite")),
            "obligatoire": "oui" if item.get("obligatoire") is True else "",
        }

    def block(self) -> dict[str, Any]:
        data, old = self.cleaned_data, self.item
        assert self.points
        assert self.condition
        validity = old.get("validite") if months(old.get("validite")) == data["validite"] else f"P{data['validite']}M"
        new: dict[str, Any] = {
            "id": self._id(data["libelle"]),
            "famille": data["famille"],
            "libelle": data["libelle"],
            "preuve": data["preuve"],
            "base": data["base"] or None,
            "validite": validity if data["validite"] else None,
            "obligatoire": (True if data["obligatoire"] else False if old.get("obligatoire") is False else None),
            "quand": self.condition.read,
            "points": self.points.value(),
        }
        for key in ("publics", "remplace"):
            if key in self.fields:
                new[key] = chosen(data[key], old.get(key))
        return kept(new, old)


def chosen(new: list[str], old: Any) -> list[str] | None:
    """The boxes ticked; the list as it was written when it holds the same."""
    return old if isinstance(old, list) and sorted(map(str, old)) == sorted(new) else (new or None)


class FamilyForm(ItemForm):
    """One family of criteria."""

    part = "familles"

    def build(self, data: Any) -> None:
        named = "id" in self.item
        self.fields["libelle"] = line(
            "Nom de la famille", required=not named, help_text="Tel que le demandeur le lira."
        )
        self.fields["regle"] = choice("Comment ses critères se combinent", FAMILY_RULES.items(), required=True)
        self.fields["plafond"] = number("Jamais plus de, en points", help_text="Vide\u00a0: pas de plafond.")
        self.fields["plancher"] = number("Jamais moins de, en points", help_text="Vide\u00a0: pas de plancher.")

    def clean(self) -> dict[str, Any]:
        return bounds_of(self, super().clean() or {})

    def block(self) -> dict[str, Any]:
        data = self.cleaned_data
        values = {key: data[key] for key in self.fields} | {"libelle": data["libelle"] or None}
        return kept({"id": self._id(data["libelle"]), **values}, self.item)


def bounds_of(form: PartForm, data: dict[str, Any]) -> dict[str, Any]:
    low, high = data.get("plancher"), data.get("plafond")
    if low is not None and high is not None and low > high:
        form.add_error("plancher", "Le plancher dépasse le plafond.")
    return data


class OutsideForm(ItemForm):
    """Demands that the grid does not score."""

    part = "hors_cotation"

    def build(self, data: Any) -> None:
        self.fields["motif"] = line("La raison, telle que le demandeur la lira", required=True)
        self.condition = ConditionForm(data, "si", self.item.get("quand"), self.root.communes, required=True)

    def block(self) -> dict[str, Any]:
        assert self.condition
        reason = self.cleaned_data["motif"]
        return kept({"id": self._id(reason), "quand": self.condition.read, "motif": reason}, self.item)


class RankForm(ItemForm):
    """Demands that come before all points."""

    part = "rang_absolu"

    def build(self, data: Any) -> None:
        if "id" not in self.item:
            self.fields["nom"] = line("Nom de cette priorité", required=True, most=40)
        self.fields["rang"] = count(
            "Rang", 1, 99, required=True, help_text="1 passe devant toutes les demandes, puis 2\u2026"
        )
        self.condition = ConditionForm(data, "si", self.item.get("quand"), self.root.communes, required=True)

    def block(self) -> dict[str, Any]:
        assert self.condition
        data = self.cleaned_data
        return kept(
            {"id": self._id(data.get("nom", "")), "rang": data["rang"], "quand": self.condition.read}, self.item
        )


ITEMS: dict[str, tuple[type[ItemForm], str, str]] = {
    "criteres": (CriterionForm, "un critère", "le critère"),
    "familles": (FamilyForm, "une famille", "la famille"),
    "hors_cotation": (OutsideForm, "un cas hors cotation", "le cas hors cotation"),
    "rang_absolu": (RankForm, "une priorité absolue", "la priorité absolue"),
}
