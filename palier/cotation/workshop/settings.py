"""The forms of what surrounds the criteria: act and dates, effects of refusals, information and evaluation."""

from collections.abc import Mapping
from typing import Any

from palier.cotation.language import PUBLICS
from palier.cotation.words import PUBLICS as PUBLICS_FR
from palier.cotation.workshop.fields import PartForm, boxes, capital, choice, count, day, kept, line, months, number
from palier.cotation.workshop.items import Root, bounds_of, chosen

ROUNDINGS = {
    "aucun": "Aucun",
    "inferieur": "À l’entier inférieur",
    "superieur": "À l’entier supérieur",
    "proche": "Au plus proche",
}
MOST_TIERS = 3


class SettingsForm(PartForm):
    """Some keys of the first level: `keys` are all it may write."""

    quiet = False
    keys: tuple[str, ...] = ()

    def __init__(self, root: Root, data: Any = None) -> None:
        super().__init__(data, initial=self.answers(root.root))
        self.root = root
        self.build()

    def answers(self, root: Mapping[str, Any]) -> dict[str, Any]:
        return dict(root)

    def build(self) -> None:
        """Add the fields."""

    def values(self) -> dict[str, Any]:
        """The keys to write, None for those to take out. Only after is_valid()."""
        raise NotImplementedError


def _part(root: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = root.get(key)
    return dict(found) if isinstance(found, dict) else {}


class ActForm(SettingsForm):
    """Title, number, act, dates, publics, bounds."""

    keys = ("titre", "version", "acte", "effet", "publics", "bornes", "arrondi")

    def build(self) -> None:
        self.fields["titre"] = line("Titre de la grille", required=True)
        self.fields["version"] = count(
            "Numéro de version", 1, 9999, required=True, help_text="Un nouveau numéro à chaque vote."
        )
        self.fields["reference"] = line("Délibération", required=True, help_text="Telle qu’elle sera citée.")
        self.fields["vote"] = day("Jour de la délibération", required=True)
        self.fields["du"] = day("Premier jour d’application", required=True)
        self.fields["au"] = day("Dernier jour", help_text="Seulement s’il est connu.")
        labels = [(code, capital(PUBLICS_FR[code])) for code in PUBLICS]
        self.fields["publics"] = boxes("La grille note", labels, required=True)
        self.fields["plancher"] = number("Total jamais inférieur à")
        self.fields["plafond"] = number("Total jamais supérieur à")
        self.fields["arrondi"] = choice("Arrondi du total", ROUNDINGS.items(), required=True)

    def answers(self, root: Mapping[str, Any]) -> dict[str, Any]:
        act, effect, bounds = _part(root, "acte"), _part(root, "effet"), _part(root, "bornes")
        return {
            "titre": root.get("titre"), "version": root.get("version"), "reference": act.get("reference"),
            "vote": act.get("date"), "du": effect.get("du"), "au": effect.get("au"),
            "publics": root.get("publics", ["primo"]), "arrondi": root.get("arrondi", "aucun"), **bounds,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = bounds_of(self, super().clean() or {})
        if data.get("du") and data.get("au") and data["au"] < data["du"]:
            self.add_error("au", "La fin précède le début.")
        return data

    def values(self) -> dict[str, Any]:
        data, root = self.cleaned_data, self.root.root
        bounds = kept({"plancher": data["plancher"], "plafond": data["plafond"]}, _part(root, "bornes"))
        rounding = data["arrondi"] if "arrondi" in root or data["arrondi"] != "aucun" else None
        return {
            "titre": kept({"titre": data["titre"]}, {"titre": root.get("titre")})["titre"],
            "version": data["version"],
            "acte": kept({"reference": data["reference"], "date": data["vote"]}, _part(root, "acte")),
            "effet": kept({"du": data["du"], "au": data["au"]}, _part(root, "effet")),
            "publics": chosen(data["publics"], root.get("publics", ["primo"]))
            if "publics" in root or data["publics"] != ["primo"]
            else None,
            "bornes": bounds or None,
            "arrondi": rounding,
        }


class RefusalsForm(SettingsForm):
    """R441-2-10 11°: what refusing a fitting dwelling changes."""

    keys = ("refus",)
    quiet = True

    def build(self) -> None:
        names = {"logement_adapte": "d’un logement adapté", "non_legitime": "sans motif légitime"}
        self.fields["si"] = boxes("Seulement les refus", names.items())
        self.fields["sur"] = count(
            "Pendant combien de mois un refus compte", 1, 1200, help_text="Vide\u00a0: pour toujours."
        )
        families = [("", "Aucune"), *self.root.families]
        for n in range(MOST_TIERS):
            self.fields[f"nombre_{n}"] = count("À partir de combien de refus", 1, 99)
            self.fields[f"deduire_{n}"] = number("Points retirés au total", least=0)
            self.fields[f"famille_{n}"] = choice("Famille qui ne compte plus", families)

    def answers(self, root: Mapping[str, Any]) -> dict[str, Any]:
        refusals = _part(root, "refus")
        counted = _part(refusals, "compte")
        found = {"si": counted.get("si", []), "sur": months(counted.get("sur"))}
        if not refusals:
            found["si"] = ["logement_adapte", "non_legitime"]
        tiers = refusals.get("paliers")
        for n, tier in enumerate(tiers[:MOST_TIERS] if isinstance(tiers, list) else []):
            effect = _part(tier, "effet") if isinstance(tier, dict) else {}
            found |= {f"deduire_{n}": effect.get("deduire"), f"famille_{n}": effect.get("suspendre_famille")}
            found[f"nombre_{n}"] = tier.get("a_partir_de") if isinstance(tier, dict) else None
        return found

    @property
    def rows(self) -> list[list[Any]]:
        return [[self[f"{name}_{n}"] for name in ("nombre", "deduire", "famille")] for n in range(MOST_TIERS)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        last = 0
        for n in range(MOST_TIERS):
            least, effect = data.get(f"nombre_{n}"), data.get(f"deduire_{n}") or data.get(f"famille_{n}")
            if effect and least is None and f"nombre_{n}" not in self.errors:
                self.add_error(f"nombre_{n}", "Dites à partir de combien de refus.")
            if least is not None and not effect and f"deduire_{n}" not in self.errors:
                self.add_error(
                    f"deduire_{n}", "Donnez un effet\u00a0: des points retirés, ou une famille qui ne compte plus."
                )
            if least is not None and least <= last:
                self.add_error(f"nombre_{n}", "Les paliers vont du plus petit nombre de refus au plus grand.")
            last = least or last
        return data

    def values(self) -> dict[str, Any]:
        data, old = self.cleaned_data, _part(self.root.root, "refus")
        counted = _part(old, "compte")
        spans = counted.get("sur") if months(counted.get("sur")) == data["sur"] else f"P{data['sur']}M"
        tiers = []
        for n in range(MOST_TIERS):
            if data[f"nombre_{n}"] is not None:
                effect = {"deduire": data[f"deduire_{n}"] or None, "suspendre_famille": data[f"famille_{n}"] or None}
                tiers.append({"a_partir_de": data[f"nombre_{n}"], "effet": {k: v for k, v in effect.items() if v}})
        if not tiers:
            return {"refus": None}
        given = {
            "evenement": "refus",
            "si": chosen(data["si"], counted.get("si")),
            "sur": spans if data["sur"] else None,
        }
        return {"refus": {"compte": kept(given, counted), "paliers": tiers}}


class InformationForm(SettingsForm):
    """R441-2-17: what the applicant will know; R441-2-10 11°: how the grid is evaluated."""

    keys = ("information", "evaluation")

    def build(self) -> None:
        names = {
            "typologie": "Le type de logement",
            "commune_souhaitee": "La commune souhaitée",
            "tranche_ressources": "La tranche de ressources",
        }
        self.fields["analogues_par"] = boxes("Deux demandes sont analogues quand elles partagent", names.items())
        helped = "En dessous, la distribution laisserait reconnaître des personnes."
        self.fields["effectif_min"] = count(
            "Nombre minimal de demandes analogues", 11, 9999, required=True, help_text=helped
        )
        self.fields["tous_les"] = count("La grille est évaluée tous les, en mois", 1, 1200)
        self.fields["modalites"] = line("Qui l’évalue, et comment")

    def answers(self, root: Mapping[str, Any]) -> dict[str, Any]:
        evaluation = _part(root, "evaluation")
        found = {"effectif_min": 11, **_part(root, "information"), **evaluation}
        return {**found, "tous_les": months(evaluation.get("tous_les"))}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, other in (("tous_les", "modalites"), ("modalites", "tous_les")):
            if data.get(other) and not data.get(name) and name not in self.errors:
                self.add_error(name, "Complétez l’évaluation\u00a0: sa période et ses modalités.")
        return data

    def values(self) -> dict[str, Any]:
        data, root = self.cleaned_data, self.root.root
        old, was = _part(root, "information"), _part(root, "evaluation")
        least = data["effectif_min"] if "effectif_min" in old or data["effectif_min"] != 11 else None
        analogous = chosen(data["analogues_par"], old.get("analogues_par"))
        period = was.get("tous_les") if months(was.get("tous_les")) == data["tous_les"] else f"P{data['tous_les']}M"
        evaluation = kept({"tous_les": period, "modalites": data["modalites"]}, was) if data["tous_les"] else None
        return {
            "information": kept({"analogues_par": analogous, "effectif_min": least}, old) or None,
            "evaluation": evaluation,
        }


SETTINGS: dict[str, tuple[type[SettingsForm], str]] = {
    "acte": (ActForm, "Acte, dates et total"),
    "refus": (RefusalsForm, "Effets d’un refus"),
    "information": (InformationForm, "Information et évaluation"),
}
