"""The other people to house: one form a person, and a line each on the page typed from paper."""

from typing import Any

from django import forms

from palier.common.forms import CleanCharField, DayField
from palier.demand.codes import Version, choices, offered
from palier.demand.content import Household, MemberContent
from palier.demand.form.fields import ChoiceField, ListField, PhoneField, QuietForm
from palier.people.api import MOST_MEMBERS, MemberRole

TOO_MANY = f"Un ménage compte au plus {MOST_MEMBERS} personnes dans Palier. Au-delà, faites deux demandes."
_LINKS = {MemberRole.CO_APPLICANT: "co_link", MemberRole.DEPENDANT: "dependant_link"}
_ROLES = (
    MemberRole.CO_APPLICANT, MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY, MemberRole.VISIT, MemberRole.OTHER_ADULT,
)  # fmt: skip


class MemberForm(QuietForm):
    """Another person to house. `role` says the place and, where there is a list of them, the link: « dependant:E ».

    `alone`: the form is about this person only, so that leaving it empty is a mistake; an empty line of many is not.
    """

    person_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    role = ChoiceField("Lien avec le demandeur", ())
    civility = ListField("Civilité", "civility")
    first_names = CleanCharField(label="Prénoms", max_length=120, required=False)
    birth_name = CleanCharField(label="Nom", max_length=120, required=False)
    usage_name = CleanCharField(label="Nom d’usage", max_length=120, required=False)
    birth_date = DayField("Date de naissance", oldest=1)
    sex = ListField("Sexe", "sex")
    nationality = ListField("Nationalité", "nationality")
    phone = PhoneField("Téléphone")
    email = forms.EmailField(
        label="Adresse électronique",
        required=False,
        error_messages={"invalid": "Cette adresse électronique est incomplète. Exemple\u00a0: nom@exemple.fr."},
    )

    def __init__(
        self,
        *args: Any,
        version: Version,
        keyed: bool = False,
        only: tuple[str, ...] = (),
        alone: bool = False,
        **kwargs: Any,
    ) -> None:
        self.alone = alone
        super().__init__(*args, **kwargs)
        if only:
            for name in set(self.fields) - {*only, "person_id"}:
                del self.fields[name]
        if "role" in self.fields:
            kept = self.data.get(self.add_prefix("role")) or self.initial.get("role") or ""
            self.fields["role"].choices = [("", "À choisir"), *_roles(version, str(kept))]  # type: ignore[attr-defined]
        for name, item in self.fields.items():
            if isinstance(item, ListField):
                item.offer(version.code, (self.initial.get(name) or "",), keyed=keyed)

    @staticmethod
    def initial_of(member: MemberContent) -> dict[str, Any]:
        """The person as the form shows them."""
        return dict(member) | {"role": f"{member.role}:{member.link}" if member.link else str(member.role)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = any(data.get(name) for name in ("role", "first_names", "birth_name", "birth_date"))
        if "role" in self.fields and (typed or self.alone) and not data.get("role") and "role" not in self.errors:
            self.add_error("role", "Choisissez le lien de cette personne avec le demandeur.")
        return data

    def to_member(self, stored: MemberContent | None) -> MemberContent:
        """The person as stored, with what was typed. Only after is_valid(), and with a role."""
        said = {name: value for name, value in self.cleaned_data.items() if value is not None or name != "person_id"}
        if "role" in said:
            said["role"], _, said["link"] = said["role"].partition(":")
        return MemberContent.model_validate({**(dict(stored) if stored else {}), **said})


def _roles(version: Version, kept: str) -> list[tuple[str, str]]:
    """Every place in the household and, for those that have a list of them, every link."""
    out: list[tuple[str, str]] = []
    role, _, link = kept.partition(":")
    for place in _ROLES:
        if listed := _LINKS.get(place):
            links = offered(listed, version.code, (link,)) if role == place else choices(listed, version.code)
            out += [(f"{place}:{code}", f"{words} ({place.label})") for code, words in links]
        out.append((str(place), str(place.label)))
    return out


DAMAGED = "Le formulaire est arrivé incomplet. Rechargez la page, puis recommencez."
MemberFormSet = forms.formset_factory(
    MemberForm, extra=2, max_num=MOST_MEMBERS - 1, absolute_max=MOST_MEMBERS - 1, validate_max=True
)


class PeopleForm:
    """One line a person, with a few empty ones, as the page typed from paper shows them."""

    def __init__(self, data: Any, *, household: Household | None, version: Version) -> None:
        self.household = household or Household()
        self.error = ""
        self.formset = MemberFormSet(
            data=data,
            prefix="personnes",
            initial=None if data is not None else [MemberForm.initial_of(one) for one in self.household.members],
            form_kwargs={"version": version, "keyed": True},
        )
        # A family is typed on one page; once it is there, somebody may still join it.
        self.formset.extra = 2 if self.household.members else 6

    def is_valid(self) -> bool:
        """Whether every line can be kept; if not, each has its errors, or `error` is that of the whole page."""
        lines = self.formset.management_form
        # An oversized post is answered by a sentence, not by Django's own guard.
        if not lines.is_valid():
            self.error = DAMAGED
        elif not 0 <= (lines.cleaned_data["TOTAL_FORMS"] or 0) < MOST_MEMBERS:
            self.error = TOO_MANY
        elif not self.formset.is_valid():
            # What nobody sees cannot be put right by anybody.
            if any("person_id" in line.errors for line in self.formset):
                self.error = DAMAGED
            elif not any(line.errors for line in self.formset):
                self.error = TOO_MANY
            return False
        return not self.error

    def members(self) -> tuple[MemberContent, ...]:
        """Everybody typed, each with what the line does not show (work, income) as it was. Only after is_valid()."""
        known = {member.person_id: member for member in self.household.members if member.person_id}
        members = []
        for rank, line in enumerate(self.formset):
            if line.cleaned_data.get("role"):
                unnumbered = self.household.members[rank : rank + 1]
                stored = known.get(line.cleaned_data.get("person_id") or 0) or next(
                    (member for member in unnumbered if not member.person_id), None
                )
                members.append(line.to_member(stored))
        return tuple(members)
