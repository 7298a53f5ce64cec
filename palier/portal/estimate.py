"""« Estimer ma note »: a short form drawn from the facts that the grid in force reads, and the facts it gives.

Nothing typed here is kept. No name, no day of birth: dates are a month and a year. What the law bars from collecting is
never asked; what puts somebody in danger is asked apart, may be left out, and is never told back.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from palier.common.forms import PalierForm
from palier.common.text import MONTHS, normalise
from palier.cotation import api as cotation
from palier.demand.api import Content, Dwelling, Identity, Resources, facts_on

ELSEWHERE = "ailleurs"
UNKNOWN = {"invalid_choice": "Ce choix n’existe pas. Choisissez dans la liste.", "invalid_list": "Cochez des réponses."}
MOST_PEOPLE = 20
CONFIDENTIAL = "Situation confidentielle"
NOT_TOLD = "Votre réponse n’est pas répétée ici."

# What is asked by one box to tick; what is left unticked counts as no, except in danger.
SITUATION = {
    "labels.dalo": "Vous êtes reconnu prioritaire au titre du droit au logement opposable (DALO)",
    "labels.pdalhpd": "Vous êtes reconnu prioritaire par le plan départemental pour le logement (PDALHPD)",
    "demande.sinistre": "Votre logement est détruit ou inhabitable après un sinistre",
    "demande.relogement_demolition": "Votre immeuble va être démoli et vous devez être relogé",
    "situation.anru": "Vous devez être relogé à cause de la rénovation de votre quartier",
    "situation.sante": "Des raisons de santé vous obligent à changer de logement",
    "situation.perte_autonomie": "Vous avez besoin d’aide dans la vie de tous les jours",
    "situation.naissance_attendue": "Vous attendez un enfant",
    "situation.separation": "Vous vous séparez ou vous divorcez",
    "situation.decohabitation": "Vous quittez un logement que vous partagez",
    "situation.regroupement_familial": "Vous demandez un regroupement familial",
    "situation.aide_enfance": "L’aide sociale à l’enfance vous suit, ou vous suivait il y a moins de trois ans",
    "situation.pompier_volontaire": "Vous êtes sapeur-pompier volontaire",
    "situation.vie_locale": "Vous participez à la vie locale (association, bénévolat)",
}
HOME = {
    "logement_actuel.indigne": "Votre logement est insalubre ou dangereux (habitat indigne)",
    "logement_actuel.non_decent": "Votre logement n’est pas décent (humidité, chauffage, électricité)",
    "logement_actuel.inadapte": "Votre logement n’est pas adapté à un handicap",
    "logement_actuel.voisinage": "Vous avez un grave problème de voisinage",
    "logement_actuel.vente": "Votre propriétaire reprend ou vend le logement",
}
WORK = {
    "emploi.actif": "Vous travaillez, ou vous suivez un parcours d’insertion",
    "emploi.essentiel": "Votre métier est sur la liste des travailleurs essentiels du territoire",
    "emploi.chomage_longue_duree": "Vous avez connu un chômage de longue durée (un an ou plus)",
    "emploi.agent_public": "Vous êtes agent public",
    "emploi.mutation": "Votre employeur vous mute",
    "emploi.rapprochement": "Vous voulez vous rapprocher de votre travail",
}
PEOPLE = {
    "membres.handicap": "Une personne du foyer est en situation de handicap",
    "membres.perte_autonomie": "Une personne du foyer a besoin d’aide dans la vie de tous les jours",
    "membres.etudiant": "Une personne du foyer fait des études",
    "membres.garde_alternee": "Un enfant est en garde alternée",
}
DANGER = {
    "situation.violences": "Vous subissez des violences dans votre couple ou votre famille",
    "situation.mariage_force": "On veut vous marier de force",
    "situation.viol_agression": "Vous avez subi une agression sexuelle chez vous ou près de chez vous",
    "situation.sortie_prostitution": "Vous suivez un parcours de sortie de la prostitution",
    "situation.traite": "Vous êtes victime de traite ou de proxénétisme",
}
BOXES = {"vrai": SITUATION, "logement_vrai": HOME, "travail_vrai": WORK, "foyer_vrai": PEOPLE, "danger": DANGER}
HELPLINES = (
    {"number": "17", "name": "Police ou gendarmerie", "detail": "Danger immédiat. Si vous ne pouvez pas parler, "
     "envoyez un SMS au 114."},
    {"number": "3919", "name": "Violences Femmes Info", "detail": "Gratuit et anonyme, jour et nuit."},
)  # fmt: skip


class MonthField(forms.CharField):
    """A month and a year, « 03/2024 » or « mars 2024 »: its first or last day, whichever promises fewer points."""

    def __init__(self, label: str, *, last: bool, latest: date, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "short", "inputmode": "text", "autocomplete": "off"})
        super().__init__(label=label, required=False, widget=widget, **kwargs)
        self.last, self.latest = last, latest

    def clean(self, value: Any) -> date | None:
        text = normalise(str(value or ""))[:40]
        if not text:
            return None
        month, year = self._read(text)
        if not 1 <= month <= 12 or not 1950 <= year <= 2199:
            raise ValidationError("Écrivez le mois et l’année, par exemple 03/2024.")
        day = date(year, month, monthrange(year, month)[1] if self.last else 1)
        if (year, month) > (self.latest.year, self.latest.month):
            latest = f"{MONTHS[self.latest.month - 1]} {self.latest.year}"
            raise ValidationError(f"Ce mois est trop loin\u00a0: {latest} au plus tard.")
        return min(day, self.latest)

    def _read(self, text: str) -> tuple[int, int]:
        numbers = [int(part) for part in re.findall(r"[0-9]{1,4}", text)]
        names = [index for index, name in enumerate(MONTHS, 1) if normalise(name) in text.split()]
        match (names, numbers):
            case ([month], [year]):
                return month, year
            case ([], [first, second]):
                return (second, first) if first > 12 else (first, second)
            case _:
                return 0, 0


class AmountField(forms.DecimalField):
    """« 650,40 » or 650.40."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(re.sub(r"[\s€]", "", str(value)).replace(",", ".") if value else None)


def _number(label: str, least: int, most: int, **kwargs: Any) -> forms.Field:
    messages = {
        "invalid": "Écrivez un nombre entier, par exemple 2.",
        "min_value": f"Écrivez {least} au moins.",
        "max_value": f"Écrivez {most} au plus.",
    }
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=False, widget=widget, error_messages=messages, **kwargs
    )


def _amount(label: str, **kwargs: Any) -> forms.Field:
    messages = dict.fromkeys(
        ("invalid", "max_digits", "max_decimal_places", "max_whole_digits"),
        "Écrivez un nombre, par exemple 650 ou 650,40.",
    )
    messages |= {"min_value": "Ce nombre ne peut pas être négatif.", "max_value": "Ce nombre est trop grand."}
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return AmountField(
        label=label, min_value=0, max_value=99_999, decimal_places=2, max_digits=9, required=False, widget=widget,
        error_messages=messages, **kwargs,
    )  # fmt: skip


def _choice(label: str, choices: Mapping[str, str], **kwargs: Any) -> forms.Field:
    return forms.ChoiceField(
        label=label,
        choices=[("", "À choisir"), *((code, f"{said[:1].upper()}{said[1:]}") for code, said in choices.items())],
        required=False,
        error_messages=UNKNOWN,
        **kwargs,
    )


def _boxes(label: str, choices: Mapping[str, str], **kwargs: Any) -> forms.Field:
    return forms.MultipleChoiceField(
        label=label,
        choices=list(choices.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=UNKNOWN,
        **kwargs,
    )


@dataclass(frozen=True)
class Section:
    """Questions under one title."""

    title: str
    fields: list[forms.BoundField]


class EstimateForm(PalierForm):
    """The questions that the grid's criteria need, and no other. Nothing is required."""

    quiet = True

    def __init__(
        self, compiled: cotation.CompiledGrid, communes: Mapping[str, str], on: date, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.compiled, self.communes, self.on = compiled, communes, on
        self.reads = cotation.facts_read(compiled)
        self.titles: list[tuple[str, list[str]]] = []
        for title, questions in (
            ("Votre demande", self._demand()),
            ("Votre logement actuel", self._home()),
            ("Votre foyer", self._people()),
            ("Votre travail", self._work()),
            ("Votre situation", self._situation()),
            ("Pour vous comparer", self._compared()),
        ):
            asked = {name: field for name, field in questions if field is not None and name not in self.fields}
            self.fields.update(asked)
            self.titles.append((title, list(asked)))

    @property
    def sections(self) -> list[Section]:
        return [Section(title, [self[name] for name in names]) for title, names in self.titles if names]

    def again(self) -> "EstimateForm":
        """The same questions with the same answers, to be changed."""
        initial = {
            name: field.widget.value_from_datadict(self.data, self.files, name) for name, field in self.fields.items()
        }
        return EstimateForm(self.compiled, self.communes, self.on, initial=initial)

    def kept(self) -> list[tuple[str, str]]:
        """The answers as hidden fields of the next form, danger left out."""
        found = []
        for name, field in self.fields.items():
            if name != "danger" and self.cleaned_data.get(name) not in (None, "", []):
                typed = field.widget.value_from_datadict(self.data, self.files, name)
                found += [(name, value) for value in (typed if isinstance(typed, list) else [typed])]
        return found

    def _needs(self, *paths: str) -> bool:
        return not self.reads.isdisjoint(paths)

    def _ticks(self, name: str, label: str, **kwargs: Any) -> tuple[str, forms.Field | None]:
        choices = {path: said for path, said in BOXES[name].items() if path in self.reads}
        return name, _boxes(label, choices, **kwargs) if choices else None

    def _demand(self) -> Iterator[tuple[str, forms.Field | None]]:
        if self._needs("demande.date_depot"):
            said = "Par exemple 03/2024. Vous n’avez pas encore de demande\u00a0: laissez vide."
            label = "Quand avez-vous déposé votre demande\u202f? (mois et année)"
            yield "depot", MonthField(label, last=True, latest=self.on, help_text=said)
        if self._needs("demande.typologie"):
            codes = cotation.FIELDS["demande.typologie"].codes
            yield "typologie", _choice("Quelle taille de logement cherchez-vous\u202f?", codes)
        if self._needs("lieux.souhait"):
            yield "souhait", _boxes("Dans quelles communes cherchez-vous\u202f?", self.communes)
        if self._needs("refus"):
            said = (
                "Seulement si le logement vous convenait et si vous n’aviez pas de bonne raison. Sinon, laissez vide."
            )
            label = "Quand avez-vous refusé un logement\u202f? (mois et année)"
            yield "refus", MonthField(label, last=True, latest=self.on, help_text=said)
            label = "Et le refus d’avant\u202f? (mois et année)"
            yield "refus_avant", MonthField(label, last=True, latest=self.on)

    def _home(self) -> Iterator[tuple[str, forms.Field | None]]:
        fields, area = cotation.FIELDS, {**self.communes, ELSEWHERE: "Une autre commune"}
        if self._needs("logement_actuel.statut", "demande.locataire_social"):
            yield "logement", _choice("Où vivez-vous\u202f?", fields["logement_actuel.statut"].codes)
        if self._needs("lieux.residence"):
            yield "residence", _choice("Dans quelle commune vivez-vous\u202f?", area)
        if self._needs("logement_actuel.depuis"):
            label = "Depuis quand y vivez-vous\u202f? (mois et année)"
            yield "depuis", MonthField(label, last=True, latest=self.on)
        if self._needs("calc.suroccupe", "calc.pieces_en_trop", "logement_actuel.occupants"):
            yield "occupants", _number("Combien de personnes y vivent, vous compris\u202f?", 1, 50)
        if self._needs("calc.suroccupe", "logement_actuel.surface"):
            yield "surface", _amount("Quelle est la surface du logement, en m²\u202f?")
        if self._needs("calc.pieces_en_trop"):
            help_text = "Sans compter la cuisine, la salle de bains et les toilettes."
            yield "pieces", _number("Combien de pièces a le logement\u202f?", 1, 20, help_text=help_text)
        if self._needs("calc.taux_effort", "calc.loyer_net", "calc.ressources"):
            yield "loyer", _amount("Quel est votre loyer, en euros par mois\u202f?")
            yield "aides", _amount("Combien recevez-vous d’aides au logement, en euros par mois\u202f?")
            label = "Quelles sont les ressources du foyer, en euros par mois\u202f?"
            yield "ressources", _amount(label, help_text="Salaires, allocations, pensions, sans les aides au logement.")
        if self._needs("logement_actuel.etape_expulsion"):
            stages = {"aucune": "Non", **fields["logement_actuel.etape_expulsion"].codes}
            help_text = "Choisissez le dernier papier reçu."
            label = "Une procédure d’expulsion est-elle engagée contre vous\u202f?"
            yield "expulsion", _choice(label, stages, help_text=help_text)
        if self._needs("logement_actuel.fin_bail"):
            help_text = "Seulement si votre propriétaire vous a donné congé. Sinon, laissez vide."
            later = date(self.on.year + 10, 12, 31)
            label = "Quand votre bail finit-il\u202f? (mois et année)"
            yield "fin_bail", MonthField(label, last=True, latest=later, help_text=help_text)
        yield self._ticks("logement_vrai", "Ce qui est vrai pour votre logement")

    def _people(self) -> Iterator[tuple[str, forms.Field | None]]:
        if self._needs("calc.age", "membres.age"):
            yield "age", _number("Quel âge avez-vous\u202f?", 15, 120)
        if self._needs("calc.monoparentale", "calc.personnes") or any(p.startswith("membres") for p in self.reads):
            help_text = "Laissez vide s’il n’y en a pas."
            label = "Combien d’autres adultes vivront avec vous\u202f?"
            yield "adultes", _number(label, 0, MOST_PEOPLE, help_text=help_text)
            label = "Combien d’enfants de moins de 18 ans vivront avec vous\u202f?"
            yield "enfants", _number(label, 0, MOST_PEOPLE, help_text=help_text)
        yield self._ticks("foyer_vrai", "Ce qui est vrai pour votre foyer")

    def _work(self) -> Iterator[tuple[str, forms.Field | None]]:
        if self._needs("emploi.contrat"):
            yield "contrat", _choice("Quelle est votre situation\u202f?", cotation.FIELDS["emploi.contrat"].codes)
        if self._needs("lieux.travail"):
            area = {**self.communes, ELSEWHERE: "Une autre commune, ou je ne travaille pas"}
            yield "travail", _choice("Dans quelle commune travaillez-vous\u202f?", area)
        yield self._ticks("travail_vrai", "Ce qui est vrai pour votre travail")
        if self._needs("emploi.reprise"):
            label = "Quand avez-vous repris un emploi\u202f? (mois et année)"
            help_text = "Laissez vide si cela ne vous concerne pas."
            yield "reprise", MonthField(label, last=False, latest=self.on, help_text=help_text)

    def _situation(self) -> Iterator[tuple[str, forms.Field | None]]:
        yield self._ticks("vrai", "Ce qui est vrai pour vous")
        help_text = "Vous pouvez ne rien cocher. Votre réponse n’est ni gardée, ni répétée, ni imprimée."
        yield self._ticks("danger", "Êtes-vous en danger, ou l’avez-vous été\u202f?", help_text=help_text)

    def _compared(self) -> Iterator[tuple[str, forms.Field | None]]:
        """What makes demands analogous, as the grid says it. Only the type is a fact too."""
        by, fields = self.compiled.grid.analogous_by, cotation.FIELDS
        if "typologie" in by:
            yield (
                "typologie",
                _choice("Quelle taille de logement cherchez-vous\u202f?", fields["demande.typologie"].codes),
            )
        if "commune_souhaitee" in by:
            yield "parmi", _choice("Dans quelle commune cherchez-vous d’abord\u202f?", self.communes)
        if "tranche_ressources" in by:
            help_text = "Si vous le savez. Sinon, laissez vide."
            codes = fields["calc.tranche_ressources"].codes
            yield "tranche", _choice("Quelles sont vos ressources\u202f?", codes, help_text=help_text)

    def sought(self) -> cotation.Sought | None:
        """What to compare with, once something of it is answered. Only after is_valid()."""
        said = self.cleaned_data
        communes, types = said.get("parmi"), said.get("typologie")
        if not (communes or types):
            return None
        return cotation.Sought([communes] if communes else [], [types] if types else [], said.get("tranche") or "")

    def facts(self) -> dict[str, Any]:
        """The facts answered, in the words of the grid language. Only after is_valid()."""
        said = self.cleaned_data
        facts: dict[str, Any] = {
            "demande": {"date_depot": said.get("depot") or self.on},
            "logement_actuel": {},
            "lieux": {},
            "emploi": {"reprise": said.get("reprise")},
            "calc": self._computed(),
            "membres": self._members(),
            "refus": [
                {"date": said[name], "logement_adapte": True, "legitime": False}
                for name in ("refus", "refus_avant")
                if said.get(name)
            ],
        }
        for name, boxes in BOXES.items():
            for path in boxes:
                section, _, key = path.partition(".")
                # Left unticked, danger is not answered; anything else is no.
                if section != "membres" and name in said and (path in said[name] or name != "danger"):
                    facts.setdefault(section, {})[key] = path in said[name]
        if said.get("logement"):
            facts["logement_actuel"]["statut"] = said["logement"]
            facts["demande"]["locataire_social"] = said["logement"] == "locataire_social"
        for name, section, key in (
            ("typologie", "demande", "typologie"),
            ("souhait", "lieux", "souhait"),
            ("contrat", "emploi", "contrat"),
            ("depuis", "logement_actuel", "depuis"),
            ("fin_bail", "logement_actuel", "fin_bail"),
            ("surface", "logement_actuel", "surface"),
            ("occupants", "logement_actuel", "occupants"),
            ("residence", "lieux", "residence"),
            ("travail", "lieux", "travail"),
            ("expulsion", "logement_actuel", "etape_expulsion"),
        ):
            if said.get(name):
                facts[section][key] = None if said[name] in (ELSEWHERE, "aucune") else said[name]
        return facts

    def _computed(self) -> dict[str, Any]:
        """What the desk computes, computed by the same rules."""
        said = self.cleaned_data
        rooms, resources = said.get("pieces"), said.get("ressources")
        dwelling = Dwelling(
            kind="LP",
            type="" if not rooms else f"T{rooms}" if rooms < 6 else "T6P",
            surface=said.get("surface"),
            occupants=said.get("occupants"),
            rent=said.get("loyer"),
            benefit=said.get("aides"),
        )
        monthly = {} if resources is None else {"AUT": resources}
        content = Content(identite=Identity(), logement=dwelling, ressources=Resources(monthly=monthly))
        adults, children = said.get("adultes") or 0, said.get("enfants") or 0
        computed = {
            **facts_on(content, filed_on=self.on, on=self.on)["calc"],
            "personnes": 1 + adults + children,
            "monoparentale": children > 0 and adults == 0,
        }
        return computed if said.get("age") is None else {**computed, "age": said["age"]}

    def _members(self) -> list[dict[str, Any]]:
        """The household without names. A box ticked is true of one person, not known of the others.

        As at the desk, acts that only a validation establishes are false as long as nobody recorded one.
        """
        said = self.cleaned_data
        none_recorded = {"troubles": False, "expulse_troubles": False, "condamnation": False}
        adult: dict[str, Any] = {"mineur": False, **none_recorded}
        child: dict[str, Any] = {"mineur": True, "a_charge": True, **none_recorded}
        applicant = {**adult, "a_charge": False} | ({} if said.get("age") is None else {"age": said["age"]})
        members = [applicant, *(dict(adult) for _ in range(said.get("adultes") or 0))]
        members += [dict(child) for _ in range(said.get("enfants") or 0)]
        for path in PEOPLE:
            name = path.partition(".")[2]
            if path in said.get("foyer_vrai", ()):
                members[-1 if name == "garde_alternee" else 0][name] = True
            else:
                for member in members:
                    member[name] = False
        return members


def discreet(compiled: cotation.CompiledGrid, score: cotation.Score) -> cotation.Score:
    """The same score, its lines on danger without their words: a third person may look at the screen or the sheet."""
    hidden = {item.id for item in compiled.grid.criteria if cotation.is_confidential(item)}
    return score.with_lines(
        line._replace(label=CONFIDENTIAL, fact=NOT_TOLD, rule=NOT_TOLD, basis="") if line.id in hidden else line
        for line in score.lines
    )
