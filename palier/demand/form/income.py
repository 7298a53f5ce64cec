"""The income of adults and of their dependants: tax income of two years, and one amount a month by kind of resource."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from palier.demand.codes import offered
from palier.demand.content import Income, Resources, Rubric
from palier.demand.form.fields import CountField, EurosField, RubricForm, YesNoField


def _amounts(form: RubricForm, name: str, label: str) -> None:
    """One amount by kind of resource, in the order of the paper."""
    given: Mapping[str, Decimal] = form.initial.get(name) or {}
    for code, words in offered("resource", form.version.code, tuple(given)):
        form.fields[f"{name}_{code}"] = EurosField(f"{words}{label}", initial=given.get(code))
    form.spread[name] = tuple(key for key in form.fields if key.startswith(f"{name}_"))


def _amounts_typed(form: RubricForm, name: str) -> dict[str, dict[str, Decimal]]:
    shown = [key for key in form.spread.get(name, ()) if key in form.fields and key.startswith(f"{name}_")]
    if not shown:
        return {}
    amounts = {key.removeprefix(f"{name}_"): form.cleaned_data.get(key) for key in shown}
    return {name: {code: amount for code, amount in amounts.items() if amount is not None}}


class IncomeForm(RubricForm):
    """Tax income and monthly resources of one adult, one amount by kind."""

    rubric = Income
    tax_year = CountField("Année N-2", min_value=2000, max_value=2199, help_text="Celle de l’avis d’impôt demandé.")
    rfr_n2 = EurosField(
        "Revenu fiscal de référence N-2",
        help_text="Sur l’avis d’imposition de l’an dernier.",
    )
    rfr_n1 = EurosField("Revenu fiscal de référence N-1", help_text="S’il a baissé d’au moins 10\u00a0%.")
    no_resource = forms.BooleanField(label="Aucune ressource", required=False)
    alimony_paid = EurosField("Pension alimentaire versée, par mois")

    def build(self) -> None:
        _amounts(self, "monthly", ", par mois")
        self.spread["monthly"] += ("no_resource",)
        self.order_fields(["joint_tax", "tax_year", "rfr_n2", "rfr_n1", *self.spread["monthly"], "alimony_paid"])

    @classmethod
    def initial_of(cls, rubric: Rubric | None) -> dict[str, Any]:
        said = super().initial_of(rubric)
        return said | {"no_resource": said.get("monthly") == NOTHING}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("no_resource") and any(data.get(key) for key in self.spread["monthly"] if key != "no_resource"):
            self.add_error("no_resource", "Décochez cette case, ou effacez les montants.")
        return data

    def typed(self) -> dict[str, Any]:
        said = super().typed() | _amounts_typed(self, "monthly")
        if "tax_year" in said and said["rfr_n2"] is None and said["rfr_n1"] is None:
            # The year is proposed: without an amount, it says nothing.
            said["tax_year"] = getattr(self.stored, "tax_year", None)
        if self.cleaned_data.get("no_resource"):
            said["monthly"] = NOTHING
        return said


NOTHING = {"AUT": Decimal(0)}
"""How « no resource » is kept: known, and none."""


class MemberIncomeForm(IncomeForm):
    """The income of an adult other than the applicant, who may share their tax notice."""

    joint_tax = YesNoField(
        "Même avis d’imposition que le demandeur\u00a0?",
        help_text="Alors le revenu fiscal est déjà compté avec celui du demandeur.",
    )


class ResourcesForm(IncomeForm):
    rubric = Resources
    per_person = forms.TypedChoiceField(
        label="Les revenus des adultes sont donnés",
        choices=[("oui", "Personne par personne"), ("non", "En une fois, pour tout le ménage")],
        coerce=lambda value: value == "oui",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    def build(self) -> None:
        super().build()
        _amounts(self, "dependants", ", personnes à charge")
        self.order_fields(["per_person"])
        self.initial["per_person"] = {True: "oui", False: "non"}.get(self.initial.get("per_person"))  # type: ignore[arg-type]

    def typed(self) -> dict[str, Any]:
        return super().typed() | _amounts_typed(self, "dependants")
