"""The fields of each rubric, on one form: a question shows some of them, a page typed from paper all of them.

A form checks syntax and yields an immutable rubric; rules and services do the rest. What it does not show, it keeps.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from palier.common.forms import CleanCharField, DayField
from palier.demand import enums
from palier.demand.content import (
    Address,
    Dwelling,
    Grounds,
    Household,
    Identity,
    Job,
    Rubric,
    Situation,
    Sought,
    Work,
)
from palier.demand.enums import Section
from palier.demand.facts import ELSEWHERE
from palier.demand.form.fields import (
    ChoiceField,
    CountField,
    EurosField,
    ListField,
    ListsField,
    NumberField,
    PhoneField,
    RubricForm,
    SiretField,
    YesNoField,
)
from palier.demand.form.income import ResourcesForm

ALONE = "À demander seul à seul, sans insister. Seule la réponse est gardée, et les autres organismes ne la voient pas."


class IdentityForm(RubricForm):
    rubric = Identity
    organisation = CleanCharField(
        label="Association ou organisme demandeur", max_length=120, required=False,
        help_text="Seulement si la demande est celle d’une personne morale (article L442-8-1).",
    )  # fmt: skip
    siret = SiretField()
    civility = ListField("Civilité", "civility")
    birth_name = CleanCharField(label="Nom de naissance", max_length=120, required=False)
    usage_name = CleanCharField(label="Nom d’usage, s’il est différent", max_length=120, required=False)
    first_names = CleanCharField(label="Prénoms", max_length=120, required=False)
    birth_date = DayField("Date de naissance", oldest=1, help_text="Par exemple 12/03/1985.")
    nationality = ListField("Nationalité", "nationality")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "birth_name" in self.fields and not (data.get("birth_name") or data.get("organisation")):
            self.add_error("birth_name", "Ce champ est obligatoire.")
        if "organisation" in self.fields and "birth_name" not in self.fields and not data.get("organisation"):
            self.add_error("organisation", "Écrivez le nom de l’association ou de l’organisme.")
        return data


class AddressForm(RubricForm):
    rubric = Address
    care_of = CleanCharField(
        label="Chez",
        max_length=120,
        required=False,
        help_text="Si le courrier arrive chez quelqu’un d’autre.",
    )
    line = CleanCharField(label="Numéro et rue", max_length=200, required=False)
    complement = CleanCharField(label="Bâtiment, étage, appartement", max_length=200, required=False)
    postal_code = CleanCharField(label="Code postal", max_length=10, required=False)
    town = CleanCharField(label="Ville", max_length=80, required=False)
    abroad = YesNoField("Adresse à l’étranger\u00a0?")
    mail_elsewhere = YesNoField("Courrier à une autre adresse\u00a0?")
    mail_at = CleanCharField(
        label="Courrier\u00a0: chez, CCAS ou association",
        max_length=120,
        required=False,
        help_text="Le nom à écrire sur l’enveloppe, par exemple CCAS d’Exemple.",
    )
    mail_line = CleanCharField(label="Courrier\u00a0: numéro et rue", max_length=200, required=False)
    mail_complement = CleanCharField(label="Courrier\u00a0: bâtiment, étage", max_length=200, required=False)
    mail_postal_code = CleanCharField(label="Courrier\u00a0: code postal", max_length=10, required=False)
    mail_town = CleanCharField(label="Courrier\u00a0: ville", max_length=80, required=False)
    protected = forms.BooleanField(
        label="Protéger cette adresse",
        required=False,
        help_text="Personne en danger\u00a0: adresse et téléphone ne seront visibles que de votre organisme.",
    )
    phone = PhoneField("Téléphone")
    phone_other = PhoneField("Autre téléphone")
    email = forms.EmailField(
        label="Adresse électronique",
        required=False,
        error_messages={"invalid": "Cette adresse électronique est incomplète. Exemple\u00a0: nom@exemple.fr."},
    )
    email_notices = YesNoField(
        "Accepte de recevoir les avis par courriel\u00a0?",
        help_text="Préavis de renouvellement, avis de radiation (article R441-2-7). Sans accord, c’est une lettre.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        abroad = data.get("abroad", getattr(self.stored, "abroad", None))
        for name in ("postal_code", "mail_postal_code"):
            code = data.get(name, "").replace(" ", "")
            if code.isascii() and code.isdigit() and len(code) == 5:
                data[name] = code
            elif code and not abroad:
                self.add_error(
                    name, "Un code postal français a cinq chiffres. Si l’adresse est à l’étranger, dites-le."
                )
        return data

    def typed(self) -> dict[str, Any]:
        said = super().typed()
        stored = self.stored or Address()
        # The INSEE code came with the town: another town, another code.
        if any(name in said and said[name] != getattr(stored, name) for name in ("postal_code", "town")):
            said["insee"] = ""
        return said


class SituationForm(RubricForm):
    rubric = Situation
    family = ListField("Situation familiale", "family")
    dalo = YesNoField(
        "Reconnu prioritaire au titre du DALO\u00a0?",
        help_text="Droit au logement opposable\u00a0: décision de la commission.",
    )
    pdalhpd = YesNoField(
        "Public prioritaire du plan départemental (PDALHPD)\u00a0?",
        help_text="Plan d’action pour le logement et l’hébergement des personnes défavorisées.",
    )
    violence = YesNoField(
        "Violences au sein du couple ou de la famille\u00a0?",
        help_text="Pensez à protéger l’adresse. Le 3919 écoute et conseille, jour et nuit.",
    )
    forced_marriage = YesNoField("Menace de mariage forcé\u00a0?", help_text=ALONE)
    assault = YesNoField("Viol ou agression sexuelle, au domicile ou à ses abords\u00a0?", help_text=ALONE)
    leaving_prostitution = YesNoField("Parcours de sortie de la prostitution\u00a0?", help_text=ALONE)
    trafficking = YesNoField("Traite ou proxénétisme\u00a0?", help_text=ALONE)
    child_welfare = YesNoField(
        "Aide sociale à l’enfance\u00a0?",
        help_text="La personne y est confiée, ou en est sortie depuis moins de trois ans.",
    )
    demolition = YesNoField("Relogement lié à une démolition\u00a0?")
    disaster = YesNoField("Logement détruit par un sinistre\u00a0?")
    guardianship = YesNoField(
        "Sous tutelle ou curatelle\u00a0?", help_text="Le jugement sera demandé, jamais ses raisons."
    )


class JobForm(RubricForm):
    """The professional situation of any adult."""

    rubric = Job
    contract = ListField("Situation professionnelle", "contract")
    profession = CleanCharField(label="Profession", max_length=120, required=False)
    employer = CleanCharField(label="Employeur", max_length=120, required=False)
    commune = ChoiceField("Commune de travail", ())
    postal_code = CleanCharField(label="Code postal du lieu de travail", max_length=10, required=False)
    town = CleanCharField(label="Ville, si elle est hors du territoire", max_length=80, required=False)
    abroad = YesNoField("Travail à l’étranger\u00a0?")
    action_logement = YesNoField(
        "L’employeur cotise-t-il à Action Logement\u00a0?",
        help_text="Employeur privé d’au moins dix salariés, souvent.",
    )
    state_agent = YesNoField("Agent de l’État\u00a0?")


class WorkForm(JobForm):
    rubric = Work
    insertion = YesNoField("En emploi ou dans un parcours d’insertion\u00a0?")
    essential = YesNoField("Travailleur essentiel\u00a0?", help_text="Au sens du formulaire, rubrique D1.")
    long_unemployment = YesNoField("Chômage de longue durée avant l’emploi actuel\u00a0?")
    resumed_on = DayField("Date de reprise d’emploi")


class DwellingForm(RubricForm):
    rubric = Dwelling
    kind = ListField("Logement actuel", "dwelling_kind")
    other_kinds = ListsField("Aussi, le cas échéant", "dwelling_kind")
    landlord = CleanCharField(label="Bailleur HLM", max_length=120, required=False)
    commune = ChoiceField("Commune", ())
    category = ListField("Appartement ou maison", "category")
    type = ListField("Nombre de pièces", "dwelling_type")
    surface = NumberField(
        label="Surface en m²", required=False, min_value=1, max_value=999, max_digits=5, decimal_places=1
    )
    occupants = CountField("Nombre d’occupants", min_value=1, max_value=60)
    rent = EurosField("Loyer et charges, par mois")
    benefit = EurosField("Aide au logement, par mois")
    unfit = YesNoField(
        "Logement indigne, insalubre ou dangereux\u00a0?",
        help_text="Un danger pour la santé ou la sécurité, constaté ou signalé.",
    )
    indecent = YesNoField(
        "Logement non décent\u00a0?",
        help_text="Trop petit, sans équipement ou sans chauffage suffisant (décret du 30 janvier 2002).",
    )
    eviction_stage = ChoiceField("Procédure d’expulsion", enums.EvictionStage.choices)
    lease_end = DayField("Fin du bail", help_text="Seulement si un congé a été reçu.")
    owner_elsewhere = YesNoField("Propriétaire d’un autre logement que celui occupé\u00a0?")
    protection_order = YesNoField(
        "Une personne du ménage a-t-elle, ou a-t-elle eu, une ordonnance de protection\u00a0?",
        help_text="Être propriétaire ne peut alors pas être opposé à la demande (article L441-2-2).",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind") if "kind" in self.fields else getattr(self.stored, "kind", "")
        data["other_kinds"] = tuple(code for code in data.get("other_kinds") or () if code != kind)
        if "other_kinds" in self.fields and data["other_kinds"] and not kind:
            self.add_error("kind", "Choisissez d’abord le logement actuel principal.")
        if "other_kinds" not in self.fields:
            del data["other_kinds"]
        return data


_ORDER = ("Premier", "Deuxième", "Troisième", "Quatrième", "Cinquième")
_NAMES = ("first", "second", "third", "fourth", "fifth")


class GroundsForm(RubricForm):
    """The grounds, in order; how many is for the version of the form to say. Statistics use the first."""

    rubric = Grounds
    other = CleanCharField(label="Précision, si « autre motif »", max_length=200, required=False)

    def build(self) -> None:
        kept = len(self.stored.codes) if isinstance(self.stored, Grounds) else 0
        self.names = _NAMES[: max(self.version.grounds, kept)]
        for name, rank in zip(self.names, _ORDER, strict=False):
            self.fields[name] = ListField(f"{rank} motif", "ground")
        self.spread["codes"] = self.names
        self.order_fields(self.names)

    @classmethod
    def initial_of(cls, rubric: Rubric | None) -> dict[str, Any]:
        if not isinstance(rubric, Grounds):
            return {}
        return {"other": rubric.other, **dict(zip(_NAMES, rubric.codes, strict=False))}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.names[0] in self.fields:
            codes = [data[name] for name in self.names if data.get(name)]
            if len(set(codes)) < len(codes):
                raise ValidationError("Le même motif est choisi deux fois. Gardez-le une seule fois.")
            data["codes"] = tuple(codes)
        return data


class SoughtForm(RubricForm):
    """The home sought. Communes are taken in the order of preference, each with a neighbourhood if one is wished."""

    rubric = Sought
    types = ListsField("Nombre de pièces souhaité", "dwelling_type")
    wider_area = YesNoField("Accepterait une autre commune du territoire\u00a0?")
    category = ListField("Appartement ou maison", "category")
    ground_floor = YesNoField("Accepterait un rez-de-chaussée\u00a0?")
    no_lift = YesNoField("Accepterait un étage sans ascenseur\u00a0?")
    parking = YesNoField("Souhaite un stationnement\u00a0?")
    max_rent = EurosField("Loyer maximal, charges comprises")

    def build(self) -> None:
        kept = self.stored.communes if isinstance(self.stored, Sought) else ()
        self.ranks = range(1, max(self.version.communes, len(kept)) + 1)
        known = dict(self.communes)
        others = [(code, code) for code in kept if code not in known and code != ELSEWHERE]
        if ELSEWHERE in kept:
            others.append((ELSEWHERE, "hors du territoire"))
        for rank in self.ranks:
            label = "Commune souhaitée en premier" if rank == 1 else f"Choix {rank}"
            self.fields[f"commune_{rank}"] = ChoiceField(label, [*self.communes, *others])
            self.fields[f"district_{rank}"] = CleanCharField(
                label=f"Quartier du choix {rank}", max_length=80, required=False
            )
        self.spread["communes"] = tuple(f"commune_{rank}" for rank in self.ranks)
        self.spread["districts"] = tuple(f"district_{rank}" for rank in self.ranks)
        pairs = [f"{name}_{rank}" for rank in self.ranks for name in ("commune", "district")]
        self.order_fields(["types", *pairs, "wider_area", "category"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.stored.communes if isinstance(self.stored, Sought) else ()
        if chosen and "district_1" in self.fields and "commune_1" not in self.fields:
            # Asked alone: of the communes already chosen, by their name.
            for rank in self.ranks:
                if rank > len(chosen):
                    del self.fields[f"district_{rank}"]
                else:
                    names = {ELSEWHERE: "Hors du territoire", **dict(self.communes)}
                    name = names.get(chosen[rank - 1], chosen[rank - 1])
                    self.fields[f"district_{rank}"].label = f"{name}, quartier souhaité"

    @classmethod
    def initial_of(cls, rubric: Rubric | None) -> dict[str, Any]:
        if not isinstance(rubric, Sought):
            return {}
        said = dict(rubric)
        for rank, code in enumerate(rubric.communes, 1):
            said |= {f"commune_{rank}": code, f"district_{rank}": rubric.districts.get(code, "")}
        return said

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "commune_1" in self.fields:
            chosen = {rank: data[f"commune_{rank}"] for rank in self.ranks if data.get(f"commune_{rank}")}
            if len(set(chosen.values())) < len(chosen):
                raise ValidationError("La même commune est choisie deux fois. Gardez-la une seule fois.")
            data["communes"] = tuple(chosen.values())
        elif isinstance(self.stored, Sought):
            chosen = dict(enumerate(self.stored.communes, 1))
        else:
            chosen = {}
        if "district_1" in self.fields:
            districts = {rank: data.get(f"district_{rank}", "") for rank in self.ranks}
            data["districts"] = {code: districts[rank] for rank, code in chosen.items() if districts[rank]}
            for rank, words in districts.items():
                if words and rank not in chosen:
                    self.add_error(f"district_{rank}", "Choisissez la commune de ce quartier.")
        return data


class HouseholdForm(RubricForm):
    """A few questions on the household; the people themselves are lines of their own (`people.PeopleForm`)."""

    rubric = Household
    unborn = CountField("Enfants à naître", min_value=0, max_value=9)
    unborn_due = DayField("Naissance prévue le")
    handicap = YesNoField(
        "Une personne du ménage est-elle en situation de handicap\u00a0?",
        help_text="Seule la réponse est gardée ici, jamais la nature du handicap.",
    )


FORMS: dict[Section, type[RubricForm]] = {
    Section.IDENTITY: IdentityForm,
    Section.HOUSEHOLD: HouseholdForm,
    Section.ADDRESS: AddressForm,
    Section.SITUATION: SituationForm,
    Section.WORK: WorkForm,
    Section.RESOURCES: ResourcesForm,
    Section.DWELLING: DwellingForm,
    Section.GROUNDS: GroundsForm,
    Section.SOUGHT: SoughtForm,
}
