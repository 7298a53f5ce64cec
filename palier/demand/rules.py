"""Decisions about a demand: what may be registered, what is complete, what is due. Plain Python, dates passed in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from palier.common.errors import Refusal
from palier.common.text import date_fr, euros_fr, number_fr
from palier.demand import enums
from palier.demand.codes import label
from palier.demand.content import RUBRICS, Content, MemberContent, Rubric
from palier.demand.enums import Section
from palier.law.api import add_months
from palier.people.api import MemberRole

# Number of months then year of first registration then sequence then desk: demande.md §2.1 (deduced from two numbers).
NUD_FORM = re.compile(r"[0-9][0-9AB][0-9AB](0[1-9]|1[0-2])([0-9]{2})[0-9]{6}[A-Z0-9]{5}")
NUD_LONGEST = 30


@dataclass(frozen=True)
class SectionState:
    """How far one rubric is filled."""

    section: Section
    state: str
    missing: tuple[str, ...]


def progress(content: Content) -> list[SectionState]:
    """Every rubric with its state: « empty », « partial » or « done »."""
    states = []
    for section in Section:
        rubric = content.rubric(section)
        if rubric is None:
            states.append(SectionState(section, "empty", RUBRICS[section].needed))
            continue
        missing = tuple(rubric.missing())
        states.append(SectionState(section, "partial" if missing else "done", missing))
    return states


def check_registrable(content: Content) -> None:
    """Only a proof of identity can be required to register (R441-2-3): a name and a birth date, nothing else.

    A person may have a single name: first names are never required.
    """
    missing = content.identite.missing()
    if missing:
        words = {
            "birth_name": "le nom de naissance",
            "first_names": "le prénom",
            "birth_date": "la date de naissance",
        }
        named = [words[name] for name in missing]
        last = f" et {named[-1]}" if len(named) > 1 else named[-1]
        raise Refusal(f"Pour enregistrer, il manque {', '.join(named[:-1])}{last}.")


def read_nud(raw: str, filed_on: date | None = None) -> tuple[str, list[str]]:
    """The number as we keep it, and what is unusual about it. Palier never mints a number and never refuses an
    unusual one (old numbers, local systems): no checksum is known. Only an impossible length is refused."""
    nud = re.sub(r"[\s.\-]", "", raw).upper()
    if len(nud) > NUD_LONGEST:
        raise Refusal(f"Ce numéro est trop long ({len(nud)} caractères). Un numéro unique en compte 18.", "nud")
    if not nud:
        return "", []
    match = NUD_FORM.fullmatch(nud)
    if not match:
        return nud, ["Ce numéro n’a pas la forme habituelle (18 caractères). Vérifiez-le sur l’attestation."]
    if filed_on and (int(match[1]), int(match[2])) != (filed_on.month, filed_on.year % 100):
        return nud, [f"Ce numéro indique {match[1]}/20{match[2]}, et la demande est datée du {date_fr(filed_on)}."]
    return nud, []


def check_filed_on(filed_on: date, oldest: date, on: date) -> None:
    """The first filing cannot be in the future, nor before `oldest` (parameter `oldest_filing`). Raises Refusal."""
    if filed_on > on:
        raise Refusal("La date de dépôt est dans le futur. Vérifiez-la sur l’attestation.", "filed_on")
    if filed_on < oldest:
        raise Refusal("La date de dépôt est trop ancienne. Vérifiez-la sur l’attestation.", "filed_on")


def reception_due(registered_on: date, months: int) -> date:
    """Last day to receive the applicant: `months` calendar months after registration (L441-2-8)."""
    return add_months(registered_on, months)


# Words for what changes between two snapshots.

# Field → its list in codes.py.
LISTS = {
    "civility": "civility",
    "nationality": "nationality",
    "sex": "sex",
    "family": "family",
    "contract": "contract",
    "kind": "dwelling_kind",
    "other_kinds": "dwelling_kind",
    "type": "dwelling_type",
    "types": "dwelling_type",
    "codes": "ground",
    "category": "category",
    "monthly": "resource",
    "dependants": "resource",
}
_CHOICES: dict[str, Any] = {"role": MemberRole, "eviction_stage": enums.EvictionStage}
LABELS = {
    "civility": "Civilité",
    "birth_name": "Nom de naissance",
    "usage_name": "Nom d’usage",
    "first_names": "Prénoms",
    "birth_date": "Date de naissance",
    "nationality": "Nationalité",
    "organisation": "Organisme demandeur",
    "siret": "SIRET",
    "role": "Place dans le ménage",
    "sex": "Sexe",
    "link": "Lien avec le demandeur",
    "job": "Situation professionnelle",
    "income": "Revenus",
    "joint_tax": "Même avis d’imposition que le demandeur",
    "members": "Personnes à loger",
    "handicap": "Personne handicapée dans le ménage",
    "unborn": "Enfants à naître",
    "unborn_due": "Naissance prévue",
    "care_of": "Chez",
    "line": "Adresse",
    "complement": "Complément d’adresse",
    "postal_code": "Code postal",
    "town": "Ville",
    "phone": "Téléphone",
    "email": "Adresse électronique",
    "protected": "Adresse protégée",
    "phone_other": "Autre téléphone",
    "email_notices": "Accepte les avis par courriel",
    "insee": "Code INSEE de la ville",
    "abroad": "À l’étranger",
    "mail_elsewhere": "Courrier à une autre adresse",
    "mail_at": "Courrier, chez ou domiciliation",
    "mail_line": "Courrier, adresse",
    "mail_complement": "Courrier, complément d’adresse",
    "mail_postal_code": "Courrier, code postal",
    "mail_town": "Courrier, ville",
    "guardianship": "Tutelle ou curatelle",
    "family": "Situation familiale",
    "dalo": "Reconnu DALO",
    "pdalhpd": "Public du PDALHPD",
    "violence": "Violences au sein du couple ou de la famille",
    "forced_marriage": "Menace de mariage forcé",
    "assault": "Viol ou agression sexuelle au domicile ou à ses abords",
    "leaving_prostitution": "Parcours de sortie de la prostitution",
    "trafficking": "Traite ou proxénétisme",
    "child_welfare": "Aide sociale à l’enfance, ou sortie depuis moins de trois ans",
    "demolition": "Relogement lié à une démolition",
    "disaster": "Logement sinistré",
    "contract": "Emploi",
    "profession": "Profession",
    "employer": "Employeur",
    "action_logement": "Employeur cotisant à Action Logement",
    "state_agent": "Agent de l’État",
    "commune": "Commune",
    "essential": "Travailleur essentiel",
    "insertion": "En emploi ou en insertion",
    "long_unemployment": "Chômage de longue durée",
    "resumed_on": "Reprise d’emploi",
    "rfr_n2": "Revenu fiscal N-2",
    "rfr_n1": "Revenu fiscal N-1",
    "tax_year": "Année N-2",
    "monthly": "Ressources mensuelles",
    "alimony_paid": "Pension alimentaire versée",
    "per_person": "Revenus déclarés personne par personne",
    "dependants": "Ressources des personnes à charge",
    "kind": "Logement actuel",
    "type": "Type de logement",
    "surface": "Surface",
    "occupants": "Occupants",
    "rent": "Loyer",
    "benefit": "Aide au logement",
    "unfit": "Habitat indigne",
    "indecent": "Logement non décent",
    "eviction_stage": "Procédure d’expulsion",
    "lease_end": "Fin du bail",
    "other_kinds": "Logement actuel, aussi",
    "landlord": "Bailleur",
    "owner_elsewhere": "Propriétaire d’un autre logement",
    "protection_order": "Ordonnance de protection",
    "codes": "Motifs",
    "other": "Précision",
    "category": "Catégorie de logement",
    "types": "Types de logement",
    "communes": "Communes souhaitées",
    "wider_area": "Demande élargie",
    "max_rent": "Loyer maximal",
    "districts": "Quartiers souhaités",
    "ground_floor": "Accepte un rez-de-chaussée",
    "no_lift": "Accepte un immeuble sans ascenseur",
    "parking": "Souhaite un stationnement",
}
_EUROS = {"rent", "benefit", "max_rent", "rfr_n1", "rfr_n2", "alimony_paid"}


def in_words(name: str, value: Any, communes: dict[str, str] | None = None) -> str:
    """A value as people read it; « à compléter » when nobody knows it yet."""
    if value in (None, "", (), {}, []):
        return "à compléter"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return date_fr(value)
    if name in {"monthly", "dependants"}:
        return ", ".join(f"{label('resource', code)}\u00a0: {euros_fr(amount)}" for code, amount in value.items())
    if name == "districts":
        return ", ".join(f"{in_words('commune', code, communes)}\u00a0: {district}" for code, district in value.items())
    if name == "tax_year":
        return str(value)
    if isinstance(value, Decimal | int):
        if name in _EUROS:
            return euros_fr(value)
        return number_fr(value) + ("\u00a0m²" if name == "surface" else "")
    if name == "members":
        return ", ".join(f"{m.name or 'sans nom'} ({_member_in_words(m, communes)})" for m in value)
    if isinstance(value, tuple):
        return ", ".join(in_words(name, item, communes) for item in value)
    if name in {"commune", "communes"}:
        return {"ailleurs": "hors du territoire", **(communes or {})}.get(str(value), str(value))
    if name in LISTS:
        return label(LISTS[name], str(value))
    if name in _CHOICES:
        return str(_CHOICES[name](value).label)
    return str(value)


def _member_in_words(member: MemberContent, communes: dict[str, str] | None) -> str:
    """The role of somebody, then all that is known of them but their name."""
    links = "co_link" if member.role is MemberRole.CO_APPLICANT else "dependant_link"
    told = [str(MemberRole(member.role).label), *([label(links, member.link)] if member.link else [])]
    for part in (member, member.job, member.income):
        for name in type(part).model_fields if part else ():
            value = getattr(part, name)
            if name not in _TOLD_ONCE and value not in (None, "", (), {}):
                words = in_words(name, value, communes)
                told.append(words if name == "birth_date" else f"{LABELS[name]}\u00a0: {words}")
    return ", ".join(told)


# What a member's name and role already say, and the parts that are told by their own fields.
_TOLD_ONCE = {"person_id", "role", "link", "first_names", "birth_name", "usage_name", "civility", "job", "income"}


@dataclass(frozen=True)
class FieldChange:
    """One field that differs between two versions of a demand, in words."""

    section: Section
    field: str
    label: str
    before: str
    after: str


def field_changes(
    section: Section, before: Rubric | None, after: Rubric | None, communes: dict[str, str] | None = None
) -> Iterator[FieldChange]:
    """What differs in one rubric."""
    for name in RUBRICS[section].model_fields:
        old, new = getattr(before, name, None), getattr(after, name, None)
        if old != new and (old or new or old is False or new is False):
            old_words, new_words = in_words(name, old, communes), in_words(name, new, communes)
            if old_words != new_words:
                yield FieldChange(section, name, LABELS[name], old_words, new_words)


def changes(before: Content, after: Content, communes: dict[str, str] | None = None) -> list[FieldChange]:
    """What differs between two versions of a demand, rubric by rubric."""
    return [
        change
        for section in Section
        for change in field_changes(section, before.rubric(section), after.rubric(section), communes)
    ]
