"""One form per rubric. A form checks syntax and yields an immutable rubric; rules and services do the rest."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from palier.common.forms import CleanCharField, DayField, PalierForm
from palier.demand import enums
from palier.demand.content import (
    Address,
    Dwelling,
    Grounds,
    Household,
    Identity,
    MemberContent,
    Resources,
    Rubric,
    Situation,
    Sought,
    Work,
)
from palier.demand.enums import Section
from palier.demand.facts import ELSEWHERE
from palier.people.api import MOST_MEMBERS, Civility, MemberRole

TOO_MANY = f"Un ménage compte au plus {MOST_MEMBERS} personnes dans Palier. Au-delà, faites deux demandes."

ALONE = "À demander seul à seul, sans insister. Seule la réponse est gardée, et les autres organismes ne la voient pas."


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not known yet: what is not known is never taken for no."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            choices=[("oui", "Oui"), ("non", "Non"), ("", "Ne sait pas")],
            coerce=lambda value: value == "oui",
            empty_value=None,
            required=False,
            widget=forms.RadioSelect(attrs={"class": "inline"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "oui", False: "non", None: ""}.get(value, value)


class ChoiceField(forms.ChoiceField):
    """One code of a list, or nothing yet."""

    def __init__(self, label: str, choices: Any, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(label=label, choices=[("", "À choisir"), *choices], **kwargs)


class NumberField(forms.DecimalField):
    """A number as people write it here: « 45,5 » or 45.5."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = (
                value.replace("€", "").replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
            )
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


class EurosField(NumberField):
    """An amount in euros, « 1 234,50 » or 1234.50."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("min_value", Decimal(0))
        kwargs.setdefault("max_digits", 9)
        super().__init__(
            label=label,
            decimal_places=2,
            localize=False,
            error_messages={
                "invalid": "Écrivez un montant en chiffres, par exemple 650 ou 650,40.",
                "min_value": "Un montant ne peut pas être négatif.",
            },
            **kwargs,
        )


class QuietForm(PalierForm):
    """Nothing is compulsory but a name: saying « facultatif » on every line would be noise."""

    quiet = True


class RubricForm(QuietForm):
    """A form that is one rubric of the demand. `communes` are (INSEE code, name) of the territory."""

    rubric: type[Rubric]

    def __init__(self, *args: Any, communes: list[tuple[str, str]], **kwargs: Any) -> None:
        self.communes = communes
        super().__init__(*args, **kwargs)
        elsewhere = [*communes, (ELSEWHERE, "hors du territoire")]
        for name in ("commune",):
            if isinstance(field := self.fields.get(name), forms.ChoiceField):
                field.choices = [("", "À choisir"), *elsewhere]

    @classmethod
    def initial_of(cls, rubric: Rubric | None) -> dict[str, Any]:
        """The rubric as the form shows it."""
        return dict(rubric) if rubric else {}

    def to_rubric(self) -> Rubric:
        """The rubric that was typed. Only after is_valid()."""
        return self.rubric.model_validate(
            {name: value for name, value in self.cleaned_data.items() if name in self.rubric.model_fields}
        )


class IdentityForm(RubricForm):
    rubric = Identity
    civility = ChoiceField("Civilité", Civility.choices)
    birth_name = CleanCharField(label="Nom de naissance", max_length=120)
    usage_name = CleanCharField(label="Nom d’usage, s’il est différent", max_length=120, required=False)
    first_names = CleanCharField(label="Prénoms", max_length=120, required=False)
    birth_date = DayField("Date de naissance", oldest=1, help_text="Par exemple 12/03/1985.")
    nationality = ChoiceField("Nationalité", enums.Nationality.choices)


class NewDemandForm(QuietForm):
    """Who is in front of you: just enough to know whether this person is already known."""

    birth_name = CleanCharField(label="Nom de naissance", max_length=120)
    first_names = CleanCharField(label="Prénoms", max_length=120, required=False)
    usage_name = CleanCharField(label="Nom d’usage, s’il est différent", max_length=120, required=False)
    birth_date = DayField("Date de naissance", oldest=1, help_text="Par exemple 12/03/1985.")
    phone = CleanCharField(label="Téléphone", max_length=30, required=False)
    form_token = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if "form_token" in self.errors:
            # A lost token is replaced, so that sending again works.
            self.data = {**{name: self.data.get(name) for name in self.fields}, "form_token": str(uuid4())}
        return super().clean() or {}


class MemberForm(QuietForm):
    """Another person to house."""

    person_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    role = ChoiceField("Lien", [c for c in MemberRole.choices if c[0] not in {MemberRole.APPLICANT, MemberRole.UNBORN}])
    civility = ChoiceField("Civilité", Civility.choices)
    first_names = CleanCharField(label="Prénoms", max_length=120, required=False)
    birth_name = CleanCharField(label="Nom", max_length=120, required=False)
    birth_date = DayField("Date de naissance", oldest=1)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = any(data.get(name) for name in ("role", "first_names", "birth_name", "birth_date"))
        if typed and not data.get("role"):
            self.add_error("role", "Choisissez le lien de cette personne avec le demandeur.")
        return data


MemberFormSet = forms.formset_factory(
    MemberForm, extra=3, max_num=MOST_MEMBERS - 1, absolute_max=MOST_MEMBERS - 1, validate_max=True
)


class HouseholdForm(RubricForm):
    """The household: a few questions, and one line per person."""

    rubric = Household
    handicap = YesNoField(
        "Une personne du ménage est-elle en situation de handicap\u00a0?",
        help_text="Seule la réponse est gardée, jamais la nature du handicap.",
    )
    unborn = forms.IntegerField(
        label="Enfants à naître",
        required=False,
        min_value=0,
        max_value=9,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    unborn_due = DayField("Naissance prévue le")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = self.initial.get("members", ())
        # An oversized post is answered by a sentence, not by Django's own guard.
        self.formset = MemberFormSet(
            data=self.data if self.is_bound else None,
            prefix="personnes",
            initial=None if self.is_bound else [dict(member) for member in members],
        )

    def is_valid(self) -> bool:
        if not self.is_bound:
            return False
        lines = self.formset.management_form
        if not lines.is_valid():
            self.add_error(None, "Le formulaire est arrivé incomplet. Rechargez la page, puis recommencez.")
            return False
        count = lines.cleaned_data["TOTAL_FORMS"] or 0
        if not 0 <= count < MOST_MEMBERS:
            self.add_error(None, TOO_MANY)
            return False
        if not self.formset.is_valid():
            self.add_error(None, "Parmi les autres personnes à loger, une ligne est à corriger.")
        return super().is_valid()

    def to_rubric(self) -> Rubric:
        members = tuple(
            MemberContent(**{key: value for key, value in row.items() if value is not None})
            for row in self.formset.cleaned_data
            if row.get("role")
        )
        return Household(members=members, **{k: self.cleaned_data[k] for k in ("handicap", "unborn", "unborn_due")})


class AddressForm(RubricForm):
    rubric = Address
    phone = CleanCharField(
        label="Téléphone",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="Adresse électronique",
        required=False,
        error_messages={"invalid": "Cette adresse électronique est incomplète. Exemple\u00a0: nom@exemple.fr."},
    )
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
    protected = forms.BooleanField(
        label="Protéger cette adresse",
        required=False,
        help_text="Personne en danger\u00a0: adresse et téléphone ne seront visibles que de votre organisme.",
    )


class SituationForm(RubricForm):
    rubric = Situation
    family = ChoiceField("Situation familiale", enums.Family.choices)
    dalo = YesNoField(
        "Reconnu prioritaire au titre du DALO\u00a0?",
        help_text="Droit au logement opposable\u00a0: décision de la commission.",
    )
    pdalhpd = YesNoField("Public prioritaire du plan départemental (PDALHPD)\u00a0?")
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


class WorkForm(RubricForm):
    rubric = Work
    contract = ChoiceField("Situation professionnelle", enums.Contract.choices)
    commune = ChoiceField("Commune de travail", ())
    insertion = YesNoField("En emploi ou dans un parcours d’insertion\u00a0?")
    essential = YesNoField("Travailleur essentiel\u00a0?", help_text="Au sens du formulaire, rubrique D1.")
    long_unemployment = YesNoField("Chômage de longue durée avant l’emploi actuel\u00a0?")
    resumed_on = DayField("Date de reprise d’emploi")


class ResourcesForm(RubricForm):
    """Tax income and the monthly resources of the household, one amount per kind."""

    rubric = Resources
    rfr_n2 = EurosField(
        "Revenu fiscal de référence N-2",
        help_text="Sur l’avis d’imposition de l’an dernier, pour tout le ménage.",
    )
    rfr_n1 = EurosField("Revenu fiscal de référence N-1", help_text="S’il a baissé d’au moins 10\u00a0%.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        monthly = self.initial.get("monthly", {})
        for code, label in enums.Resource.choices:
            self.fields[f"monthly_{code}"] = EurosField(f"{label}, par mois", initial=monthly.get(code))

    def to_rubric(self) -> Rubric:
        monthly = {
            code: self.cleaned_data[f"monthly_{code}"]
            for code in enums.Resource.values
            if self.cleaned_data.get(f"monthly_{code}") is not None
        }
        return Resources(rfr_n2=self.cleaned_data["rfr_n2"], rfr_n1=self.cleaned_data["rfr_n1"], monthly=monthly)


class DwellingForm(RubricForm):
    rubric = Dwelling
    kind = ChoiceField("Logement actuel", enums.DwellingKind.choices)
    commune = ChoiceField("Commune", ())
    type = ChoiceField("Nombre de pièces", enums.DwellingType.choices)
    surface = NumberField(
        label="Surface en m²", required=False, min_value=1, max_value=999, max_digits=5, decimal_places=1
    )
    occupants = forms.IntegerField(
        label="Nombre d’occupants",
        required=False,
        min_value=1,
        max_value=60,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    rent = EurosField("Loyer et charges, par mois")
    benefit = EurosField("Aide au logement, par mois")
    unfit = YesNoField("Logement indigne, insalubre ou dangereux\u00a0?")
    indecent = YesNoField("Logement non décent\u00a0?")
    eviction_stage = ChoiceField("Procédure d’expulsion", enums.EvictionStage.choices)
    lease_end = DayField("Fin du bail", help_text="Seulement si un congé a été reçu.")


class GroundsForm(RubricForm):
    """Up to three grounds, in order. The first is the one that counts in statistics."""

    rubric = Grounds
    first = ChoiceField("Premier motif", enums.Ground.choices)
    second = ChoiceField("Deuxième motif", enums.Ground.choices)
    third = ChoiceField("Troisième motif", enums.Ground.choices)
    other = CleanCharField(label="Précision, si « autre motif »", max_length=200, required=False)

    @classmethod
    def initial_of(cls, rubric: Rubric | None) -> dict[str, Any]:
        if not isinstance(rubric, Grounds):
            return {}
        return {"other": rubric.other, **dict(zip(("first", "second", "third"), rubric.codes, strict=False))}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        codes = [data[name] for name in ("first", "second", "third") if data.get(name)]
        if len(set(codes)) < len(codes):
            raise ValidationError("Le même motif est choisi deux fois. Gardez-le une seule fois.")
        return data

    def to_rubric(self) -> Rubric:
        codes = tuple(self.cleaned_data[name] for name in ("first", "second", "third") if self.cleaned_data[name])
        return Grounds(codes=codes, other=self.cleaned_data["other"])


class SoughtForm(RubricForm):
    """The home sought. Communes are taken in the order of preference."""

    rubric = Sought
    category = ChoiceField("Appartement ou maison", enums.Category.choices)
    types = forms.MultipleChoiceField(
        label="Nombre de pièces souhaité",
        choices=enums.DwellingType.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    wider_area = YesNoField("Accepterait une autre commune du territoire\u00a0?")
    max_rent = EurosField("Loyer maximal, charges comprises")
    PREFERRED = ("commune_1", "commune_2", "commune_3", "commune_4")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rank, name in enumerate(self.PREFERRED, 1):
            label = "Commune souhaitée en premier" if rank == 1 else f"Choix {rank}"
            self.fields[name] = ChoiceField(label, self.communes)
        self.order_fields(["types", *self.PREFERRED, "wider_area", "category", "max_rent"])

    @classmethod
    def initial_of(cls, rubric: Rubric | None) -> dict[str, Any]:
        if not isinstance(rubric, Sought):
            return {}
        return {**dict(rubric), **dict(zip(cls.PREFERRED, rubric.communes, strict=False))}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        communes = [data[name] for name in self.PREFERRED if data.get(name)]
        if len(set(communes)) < len(communes):
            raise ValidationError("La même commune est choisie deux fois. Gardez-la une seule fois.")
        data["communes"] = tuple(communes)
        return data


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


class RegisterForm(QuietForm):
    """The act of registering: the date of first filing and, when the national system has given it, the number."""

    nud = CleanCharField(
        label="Numéro unique",
        required=False,
        max_length=60,
        help_text="Donné par le système national. Il peut être ajouté plus tard.",
    )
    filed_on = DayField(
        "Première demande déposée le",
        help_text="Laissez vide si la demande est déposée aujourd’hui.",
    )


class NudForm(PalierForm):
    nud = CleanCharField(
        label="Numéro unique", max_length=60, help_text="18 caractères, sur l’attestation d’enregistrement."
    )


class ReceptionForm(PalierForm):
    """How the duty to receive the household ended."""

    outcome = forms.ChoiceField(
        label="Ce qui s’est passé",
        choices=[
            ("received", "Le ménage a été reçu"),
            ("declined", "Le ménage ne souhaite pas être reçu"),
        ],
        widget=forms.RadioSelect,
    )
    on = DayField("Le", required=True)
