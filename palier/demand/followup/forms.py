"""One form a type of event, made of the few fields of its schema, plus its day and whether the applicant reads it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms

from palier.common.errors import Refusal
from palier.common.forms import CleanCharField, DayField, PalierForm
from palier.common.text import french_order
from palier.demand.enums import DwellingType, Section
from palier.demand.followup import payloads
from palier.demand.followup.payloads import LABELS, PAYLOADS, Payload
from palier.demand.followup.types import EventType
from palier.demand.pieces.rules import KINDS
from palier.demand.priorities.categories import categories

NO_SECRET = "Lu par les organismes qui suivent la demande\u00a0: rien sur la santé, les violences ni le suivi social."  # noqa: S105
NOT_SAID, TO_CHOOSE = ("", "Non précisé"), ("", "À choisir")


def _choice(name: str, choices: Any, *, optional: bool = False, **kwargs: Any) -> forms.Field:
    rows = [(code, f"{str(label)[:1].upper()}{str(label)[1:]}") for code, label in choices]
    first = NOT_SAID if optional else TO_CHOOSE
    return forms.ChoiceField(label=LABELS[name], choices=[first, *rows], required=not optional, **kwargs)


def _pieces() -> list[tuple[str, str]]:
    return [(code, kind.label) for code, kind in KINDS.items()]


def _text(name: str, most: int, *, required: bool = True, help_text: str = "") -> forms.Field:
    return CleanCharField(label=LABELS[name], max_length=most, required=required, help_text=help_text)


def _number(name: str, most: int, *, required: bool = True, help_text: str = "") -> forms.Field:
    return forms.IntegerField(label=LABELS[name], min_value=1, max_value=most, required=required, help_text=help_text)


_FIELDS: dict[str, Callable[[], forms.Field]] = {
    "rubric": lambda: _choice("rubric", Section.choices),
    "number": lambda: _text("number", 20, help_text="Tel que la commission l’écrit\u00a0: 0622026000123."),
    "filed_on": lambda: DayField(LABELS["filed_on"], required=True),
    "acknowledged_on": lambda: DayField(LABELS["acknowledged_on"]),
    "decided_on": lambda: DayField(LABELS["decided_on"]),
    "status": lambda: _choice("status", payloads.DaloStatus.choices),
    "typology": lambda: _choice("typology", DwellingType.choices, optional=True),
    "instance": lambda: _choice("instance", payloads.Instance.choices),
    "opinion": lambda: _choice("opinion", payloads.Opinion.choices),
    "quotas": lambda: forms.MultipleChoiceField(
        label=LABELS["quotas"], choices=payloads.Quota.choices, widget=forms.CheckboxSelectMultiple
    ),
    "quota": lambda: _choice("quota", payloads.Quota.choices),
    "dwelling": lambda: _text(
        "dwelling", 40, required=False, help_text="L’identifiant au répertoire des logements (RPLS), s’il est connu."
    ),
    "rank": lambda: _number("rank", 99, required=False, help_text="Seulement pour une attribution avec classement."),
    "days": lambda: _number("days", 365, help_text="En jours, depuis l’offre."),
    "answer": lambda: _choice("answer", payloads.Answer.choices),
    "motive": lambda: _choice("motive", payloads.Motive.choices, optional=True, help_text="Seulement pour un refus."),
    "agreement": lambda: _choice("agreement", payloads.Agreement.choices),
    "dalo": lambda: forms.BooleanField(label=LABELS["dalo"], required=False),
    "transfer": lambda: forms.BooleanField(label=LABELS["transfer"], required=False),
}


class EventForm(PalierForm):
    """An event of one type. `communes` are pairs of INSEE code and name; `base` what a correction starts from."""

    occurred_on = DayField("Survenu le", required=True)

    def __init__(
        self,
        event_type: EventType,
        data: Any = None,
        *,
        communes: Mapping[str, str],
        on: date,
        base: Payload | None = None,
        occurred_on: date | None = None,
        correction: bool = False,
    ) -> None:
        model = PAYLOADS[event_type]
        known = base.model_dump() if base else {}
        super().__init__(data, initial={**known, "occurred_on": occurred_on or on, "applicant_sees": True})
        self.event_type = event_type
        self.named = payloads.ordered(model)
        for name in self.named:
            self.fields[name] = self._field(name, model, communes, on)
        if correction:
            self.fields["reason"] = CleanCharField(
                label="Pourquoi corriger", max_length=300, help_text=f"Le motif reste dans le dossier. {NO_SECRET}"
            )
        self.fields["applicant_sees"] = forms.BooleanField(label="Le demandeur peut le lire", required=False)
        self.payload: Payload | None = None

    def _field(self, name: str, model: type[Payload], communes: Mapping[str, str], on: date) -> forms.Field:
        if name == "piece":
            return _choice(name, _pieces(), optional=not model.model_fields[name].is_required())
        if name == "category":
            return _choice(
                name, [(row.code, row.label) for row in categories().values() if row.holds(on) and row.code != "dalo"]
            )
        if name == "commune":
            return _choice(name, french_order(communes.items()), optional=True)
        if name == "decision":
            if self.event_type == EventType.DALO:
                return _choice(name, payloads.DaloDecision.choices, optional=True)
            return _choice(name, payloads.Decision.choices)
        if name == "ground":
            needed = model.model_fields[name].is_required()
            return CleanCharField(label=LABELS[name], max_length=200, required=needed, help_text=NO_SECRET)
        return _FIELDS[name]()

    def clean(self) -> dict[str, Any]:
        """Read the payload; what its schema refuses goes to its field."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        values = {name: cleaned[name] for name in self.named if cleaned[name] not in (None, "")}
        if self.event_type == EventType.DALO:
            values["number"] = "".join(str(values["number"]).split()).upper()
        try:
            self.payload = payloads.read(self.event_type, values)
        except Refusal as refusal:
            self.refuse(refusal)
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal beside its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)


class CancelForm(PalierForm):
    """Why an event did not take place."""

    reason = CleanCharField(
        label="Pourquoi annuler", max_length=300, help_text=f"Le motif reste dans le dossier. {NO_SECRET}"
    )


class CommissionDayForm(PalierForm):
    """The day of the attestation; empty takes it out."""

    commission_from = DayField(
        "La commission de médiation peut être saisie à partir du",
        help_text="La date imprimée sur l’attestation d’enregistrement. Vide\u00a0: le délai du territoire compte.",
    )
