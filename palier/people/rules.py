"""Who people are: what may be written down, and how a household is called. Plain Python, dates passed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import phonenumbers

from palier.common.errors import Refusal
from palier.common.text import NARROW, clean, date_fr
from palier.people.enums import Civility, MemberRole

LONGEST_NAME = 120
OLDEST_AGE = 120
MOST_MEMBERS = 40
# Dependent children are those under 21 (CERFA 14069, demande.md §1.3): the label stops saying « enfant ».
CHILD_UNTIL = 21
NAMELESS = "Personne sans nom"


@dataclass(frozen=True)
class Identity:
    """One natural person as somebody declares them. No social security number (NIR): Palier does not need it.

    `birth_imprecise` says that only the year of `birth_date` is sure: the day kept is then 1 January. `phone` is as
    typed: `written` turns it to E.164.
    """

    birth_name: str = ""
    first_names: str = ""
    usage_name: str = ""
    civility: str = ""
    birth_date: date | None = None
    birth_imprecise: bool = False
    phone: str = ""
    email: str = ""

    @property
    def full_name(self) -> str:
        """« Test Kowalczyk »: first names then the name in use."""
        return f"{self.first_names} {self.usage_name or self.birth_name}".strip()


@dataclass(frozen=True)
class MemberData:
    """Somebody else's place in a household. `person_id` when Palier knows the person; an unborn child is nobody yet."""

    role: MemberRole
    person: Identity | None = None
    person_id: int | None = None


@dataclass(frozen=True)
class AddressData:
    """Where a household can be written to."""

    line: str = ""
    postal_code: str = ""
    town: str = ""
    insee: str = ""
    complement: str = ""
    care_of: str = ""


def e164(raw: str) -> str:
    """A telephone number as « +33612345678 », or what was typed, cleaned, when it is no number we can read.

    Nothing typed is lost: « chez sa tante, le soir » stays as it is.
    """
    raw = clean(raw)
    try:
        number = phonenumbers.parse(raw, "FR")
    except phonenumbers.NumberParseException:
        return raw
    if not phonenumbers.is_possible_number(number):
        return raw
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written(identity: Identity, on: date) -> Identity:
    """The identity as Palier keeps it: cleaned and checked on a day.

    Raises Refusal when nobody is named, when a name is longer than 120 characters, or when the birth date is in the
    future or more than 120 years ago.
    """
    texts = {name: clean(getattr(identity, name)) for name in ("birth_name", "first_names", "usage_name")}
    if not texts["birth_name"] and not texts["first_names"]:
        raise Refusal("Écrivez au moins un nom ou un prénom.", "birth_name")
    for name, said in (("birth_name", "nom de naissance"), ("usage_name", "nom d’usage"), ("first_names", "prénom")):
        if len(texts[name]) > LONGEST_NAME:
            raise Refusal(f"Ce {said} est trop long\u00a0: {LONGEST_NAME} caractères au plus.", name)
    check_birth_date(identity.birth_date, on)
    born = identity.birth_date
    if born and identity.birth_imprecise:
        born = born.replace(month=1, day=1)
    return Identity(
        **texts,
        civility=identity.civility if identity.civility in Civility.values else "",
        birth_date=born,
        birth_imprecise=identity.birth_imprecise,
        phone=e164(identity.phone)[:40],
        email=clean(identity.email)[:254],
    )


def check_birth_date(birth_date: date | None, on: date) -> None:
    """Refuse a birth date after `on`, or more than 120 years before."""
    if birth_date is None:
        return
    if birth_date > on:
        sentence = f"La date de naissance ({date_fr(birth_date)}) est dans le futur. Vérifiez l’année."
        raise Refusal(sentence, "birth_date")
    if birth_date.year < on.year - OLDEST_AGE:
        sentence = f"La date de naissance ({date_fr(birth_date)}) donne plus de {OLDEST_AGE} ans. Vérifiez l’année."
        raise Refusal(sentence, "birth_date")


def check_members(members: Sequence[MemberData]) -> None:
    """Refuse more than 40 people with the applicant, a second applicant, somebody unnamed, or somebody named twice."""
    if len(members) + 1 > MOST_MEMBERS:
        raise Refusal(
            f"Ce ménage compte {len(members) + 1} personnes{NARROW}; Palier en accepte {MOST_MEMBERS} au plus. "
            "Vérifiez la saisie, ou ouvrez une seconde demande."
        )
    if any(member.role == MemberRole.APPLICANT for member in members):
        raise Refusal("Un ménage n’a qu’un demandeur.")
    if any(member.person is None and member.role != MemberRole.UNBORN for member in members):
        raise Refusal("Écrivez le nom ou le prénom de chaque personne du ménage.")
    known = [member.person_id for member in members if member.person_id]
    if len(known) != len(set(known)):
        raise Refusal("La même personne est inscrite deux fois dans ce ménage.")


def household_label(members: Iterable[tuple[str, Identity | None]], on: date) -> str:
    """How agents read a household on a day: « Mme Test Kowalczyk et 2 enfants ».

    Children in visiting right do not live there: they are not counted.
    """
    heads: list[str] = []
    children = others = 0
    for role, identity in sorted(members, key=lambda member: _RANK.get(member[0], 9)):
        if role in (MemberRole.APPLICANT, MemberRole.CO_APPLICANT) and identity:
            heads.append(_TITLES.get(identity.civility, "") + (identity.full_name or NAMELESS))
        elif role in (MemberRole.UNBORN, MemberRole.SHARED_CUSTODY):
            children += 1
        elif role == MemberRole.DEPENDANT:
            born = identity.birth_date if identity else None
            grown = (
                born is not None
                and (on.year - born.year - ((on.month, on.day) < (born.month, born.day))) >= CHILD_UNTIL
            )
            children, others = (children, others + 1) if grown else (children + 1, others)
        elif role == MemberRole.OTHER_ADULT:
            others += 1
    parts = heads
    if children:
        parts.append(f"{children}\u00a0enfant" + ("s" if children > 1 else ""))
    if others:
        parts.append(f"{others}\u00a0autre" + ("s\u00a0adultes" if others > 1 else "\u00a0adulte"))
    if len(parts) < 2:
        return "".join(parts) or NAMELESS
    return f"{', '.join(parts[:-1])} et {parts[-1]}"


_TITLES = {civility.value: f"{civility.label}\u00a0" for civility in Civility}
_RANK = {MemberRole.APPLICANT.value: 0, MemberRole.CO_APPLICANT.value: 1}
