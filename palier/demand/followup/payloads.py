"""What each type of event holds besides its dates and its bodies: one schema a type, checked when it is written.

Codes and short words only. Nothing of health, of violence nor of a social worker's notes belongs here: the categories
and pieces that tell of them are marked reserved, and masked for other bodies.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from django.db.models import TextChoices
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from palier.common.errors import Refusal
from palier.common.text import date_fr
from palier.demand.enums import DwellingType, Section
from palier.demand.followup.types import EventType
from palier.demand.pieces.rules import KINDS
from palier.demand.priorities.categories import label_of, reserved_category


class Instance(TextChoices):
    """Who gives an opinion."""

    PDALHPD = "pdalhpd", "instance du PDALHPD"
    PPGDID = "ppgdid", "instance du plan partenarial (PPGDID)"
    COORDINATION = "coordination", "commission de coordination"


class Opinion(TextChoices):
    """What an instance says."""

    FAVOURABLE = "favorable", "favorable"
    RESERVED = "reserve", "réservé"
    UNFAVOURABLE = "defavorable", "défavorable"


class DaloDecision(TextChoices):
    """What the mediation commission decides."""

    RECOGNISED = "favorable", "prioritaire, à loger d’urgence"
    REDIRECTED = "reorientation", "réorientation vers un hébergement"
    REFUSED = "rejet", "rejet"
    VOID = "sans_objet", "sans objet"


class DaloStatus(TextChoices):
    """The status that the national system gives."""

    NONE = "NON", "non reconnu"
    ACTIVE = "ACTIF", "actif"
    LAPSED = "CADUC", "caduc"
    HOUSED = "ACTREL", "actif, relogé"


class Quota(TextChoices):
    """Contingents, coded as the national system does."""

    LOCAL = "COLTER", "collectivités territoriales"
    ACTION_LOGEMENT = "COLACT", "Action Logement"
    PREFECT_PRIORITY = "PPRIOR", "préfet, publics prioritaires"
    PREFECT_AGENTS = "PFONCT", "préfet, agents de l’État"
    OTHERS = "AUTRES", "autres"
    NONE = "AUCUN", "aucun"


class Agreement(TextChoices):
    """Collective agreement under which a home is let (R441-2-9)."""

    DEPARTMENT = "ACD", "accord collectif départemental"
    INTERCOMMUNAL = "ACI", "accord collectif intercommunal"
    NONE = "AUCUN", "aucun"
    UNKNOWN = "NONDOC", "non renseigné"


class Decision(TextChoices):
    """What a commission decides for a candidate (R441-3), a to e."""

    GRANTED = "attribution", "attribution (a)"
    RANKED = "attribution_rangee", "attribution, candidats classés par rang (b)"
    CONDITIONAL = "attribution_suspensive", "attribution sous condition d’une pièce (c)"
    NOT_GRANTED = "non_attribution", "non-attribution (d)"
    INADMISSIBLE = "irrecevable", "irrecevabilité (e)"


class Answer(TextChoices):
    """What the applicant answers to an offer."""

    ACCEPTED = "acceptee", "acceptée"
    REFUSED = "refusee", "refusée"
    NONE = "sans_reponse", "sans réponse dans le délai"


class Motive(TextChoices):
    """Why an offer is refused. No official list was found: ours, to be matched with the national one."""

    RENT = "loyer", "loyer ou charges"
    PLACE = "localisation", "localisation"
    DISTRICT = "quartier", "quartier"
    SIZE = "taille", "taille"
    FLOOR = "etage", "étage ou ascenseur"
    STATE = "etat", "état du logement"
    TRANSPORT = "desserte", "desserte"
    SCHOOL = "scolarite", "scolarité"
    UNSUITED = "inadapte", "logement inadapté au ménage"
    FOUND = "ailleurs", "a trouvé ailleurs"
    STAYS = "reste", "ne souhaite plus déménager"
    OTHER = "autre", "autre motif"


def _known(value: str, allowed: Any, what: str) -> str:
    if value and value not in allowed:
        raise Refusal(f"Ce code n’est pas dans la liste\u00a0: {what}.")
    return value


def _typology(value: str) -> str:
    return _known(value, DwellingType.values, "type de logement")


Typology = Annotated[str, AfterValidator(_typology)]


class Payload(BaseModel):
    """What an event holds. A refused combination raises Refusal, with its field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def reserved(self) -> bool:
        """Whether what it tells is reserved: health, violence."""
        return False


class Rectification(Payload):
    """What was put right in the demand, and the piece that showed it."""

    rubric: Section
    piece: str = ""

    @model_validator(mode="after")
    def _check(self) -> "Rectification":
        _known(self.piece, KINDS, "pièce")
        return self

    @property
    def reserved(self) -> bool:
        return bool(self.piece) and KINDS[self.piece].reserved


class Piece(Payload):
    """One piece of the limitative list."""

    piece: str = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> "Piece":
        _known(self.piece, KINDS, "pièce")
        return self

    @property
    def reserved(self) -> bool:
        return KINDS[self.piece].reserved


class Dalo(Payload):
    """An appeal to the mediation commission as it stands: its number is 3 of department, 4 of year, 6 of rank."""

    number: Annotated[str, Field(pattern=r"^[0-9][0-9AB][0-9AB][0-9]{4}[0-9]{6}$")]
    filed_on: date
    acknowledged_on: date | None = None
    decision: DaloDecision | None = None
    decided_on: date | None = None
    status: DaloStatus = DaloStatus.NONE
    typology: Typology = ""

    @model_validator(mode="after")
    def _check(self) -> "Dalo":
        if self.acknowledged_on and self.acknowledged_on < self.filed_on:
            raise Refusal("L’accusé de réception est daté d’avant le dépôt du recours.", "acknowledged_on")
        if bool(self.decision) != bool(self.decided_on):
            raise Refusal("Une décision a sa date, et une date sa décision.", "decided_on")
        if self.decided_on and self.decided_on < (self.acknowledged_on or self.filed_on):
            raise Refusal("La décision est datée d’avant le recours.", "decided_on")
        if self.status != DaloStatus.NONE and self.decision != DaloDecision.RECOGNISED:
            raise Refusal("Ce statut suppose une décision favorable de la commission.", "status")
        return self


class OpinionGiven(Payload):
    """What an instance said of the demand."""

    instance: Instance
    opinion: Opinion


class PriorityMark(Payload):
    """A category of L441-1 that a body recognises, and the piece it read."""

    category: str
    piece: str = ""

    @model_validator(mode="after")
    def _check(self) -> "PriorityMark":
        label_of(self.category)
        if self.category == "dalo":
            raise Refusal("Le DALO se note par «\u00a0Recours DALO\u00a0», avec la décision.", "category")
        _known(self.piece, KINDS, "pièce")
        return self

    @property
    def reserved(self) -> bool:
        return reserved_category(self.category) or (bool(self.piece) and KINDS[self.piece].reserved)


class PriorityWithdrawn(Payload):
    """A category that is no longer recognised, and why."""

    category: str
    ground: Annotated[str, Field(min_length=3, max_length=200)]

    @model_validator(mode="after")
    def _check(self) -> "PriorityWithdrawn":
        label_of(self.category)
        return self

    @property
    def reserved(self) -> bool:
        return reserved_category(self.category)


class Quotas(Payload):
    """The contingents for which the applicant is eligible."""

    quotas: Annotated[tuple[Quota, ...], Field(min_length=1)]


class Home(Payload):
    """A dwelling: its reference in the national directory (RPLS) when there is one, its type, its commune (INSEE)."""

    dwelling: Annotated[str, Field(max_length=40)] = ""
    typology: Typology = ""
    commune: Annotated[str, Field(pattern=r"^((\d\d|2A|2B)\d{3})?$")] = ""


class Designation(Home):
    """A reservation holder puts the applicant forward, on its contingent."""

    quota: Quota


class DecisionTaken(Home):
    """What a commission decided: `rank` when candidates are ranked, `ground` when it refuses or sets a condition."""

    decision: Decision
    rank: Annotated[int, Field(ge=1, le=99)] | None = None
    ground: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _check(self) -> "DecisionTaken":
        if (self.decision == Decision.RANKED) != (self.rank is not None):
            raise Refusal("Le rang se note pour une attribution avec classement, et pour elle seule.", "rank")
        explained = {Decision.CONDITIONAL, Decision.NOT_GRANTED, Decision.INADMISSIBLE}
        if self.decision in explained and not self.ground:
            raise Refusal("Cette décision est motivée\u00a0: notez son motif (R441-2-17).", "ground")
        return self


class Offer(Home):
    """`days` is the time left to answer, counted from the day of the offer."""

    days: Annotated[int, Field(ge=1, le=365)]


class AnswerGiven(Payload):
    """What the applicant answered to an offer, and why when they refuse."""

    answer: Answer
    motive: Motive | None = None

    @model_validator(mode="after")
    def _check(self) -> "AnswerGiven":
        if (self.answer == Answer.REFUSED) != (self.motive is not None):
            raise Refusal("Le motif se note pour un refus, et pour lui seul.", "motive")
        return self


class Lease(Home):
    """A lease, with what R441-2-9 asks of it."""

    quota: Quota
    agreement: Agreement
    dalo: bool = False
    transfer: bool = False


class Nothing(Payload):
    """No more than the event itself."""


PAYLOADS: dict[EventType, type[Payload]] = {
    EventType.RECTIFICATION: Rectification,
    EventType.PIECE_REQUESTED: Piece,
    EventType.PIECE_RECEIVED: Piece,
    EventType.DALO: Dalo,
    EventType.OPINION: OpinionGiven,
    EventType.PRIORITY: PriorityMark,
    EventType.PRIORITY_WITHDRAWN: PriorityWithdrawn,
    EventType.QUOTA: Quotas,
    EventType.CANDIDACY: Home,
    EventType.DESIGNATION: Designation,
    EventType.VISIT_PROPOSED: Home,
    EventType.VISIT_MADE: Home,
    EventType.COMMISSION: Home,
    EventType.DECISION: DecisionTaken,
    EventType.OFFER: Offer,
    EventType.ANSWER: AnswerGiven,
    EventType.LEASE: Lease,
    EventType.CANCELLATION: Nothing,
}


def read(event_type: str, values: Mapping[str, Any]) -> Payload:
    """A payload from what was typed or stored. Refusal, with its field, for what the schema does not admit."""
    try:
        return PAYLOADS[EventType(event_type)].model_validate(dict(values))
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        raise Refusal("Cette valeur n’est pas admise ici.", str(place[0]) if place else None) from error


LABELS = {
    "rubric": "Rubrique rectifiée",
    "piece": "Pièce",
    "number": "Numéro du recours",
    "filed_on": "Recours déposé le",
    "acknowledged_on": "Accusé de réception du",
    "decision": "Décision",
    "decided_on": "Décidé le",
    "status": "Statut",
    "typology": "Type de logement",
    "instance": "Instance",
    "opinion": "Avis",
    "category": "Catégorie",
    "ground": "Motif",
    "quotas": "Contingents",
    "quota": "Contingent",
    "dwelling": "Référence du logement",
    "commune": "Commune du logement",
    "rank": "Rang",
    "days": "Délai pour répondre",
    "answer": "Réponse",
    "motive": "Motif du refus",
    "agreement": "Accord collectif",
    "dalo": "Au titre du DALO",
    "transfer": "Déjà logé par ce bailleur",
}


def ordered(model: type[Payload]) -> list[str]:
    """The fields of a schema as they are typed and told: what happened, then for which dwelling."""
    home = list(Home.model_fields)
    return [name for name in model.model_fields if name not in home] + [n for n in home if n in model.model_fields]


def typology_words(code: str) -> str:
    """« T3 », « T6 et plus »."""
    return str(DwellingType(code).label)


def in_words(payload: Payload, communes: Mapping[str, str]) -> list[tuple[str, str]]:
    """What an event says, field by field, as people read it; what is empty is left out."""
    values = [(name, getattr(payload, name)) for name in ordered(type(payload))]
    return [
        (LABELS[name], _words(name, value, communes))
        for name, value in values
        if value not in (None, "", ()) and value is not False
    ]


def _words(name: str, value: Any, communes: Mapping[str, str]) -> str:
    if value is True:
        return "oui"
    if isinstance(value, tuple):
        return ", ".join(str(item.label) for item in value)
    if isinstance(value, TextChoices):
        return str(value.label)
    if isinstance(value, date):
        return date_fr(value)
    if name == "typology":
        return typology_words(value)
    if name == "piece":
        return KINDS[value].label
    if name == "category":
        return label_of(value)
    if name == "commune":
        return communes.get(value, value)
    return f"{value}\u00a0jours" if name == "days" else str(value)
