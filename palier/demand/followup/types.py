"""What may happen to a demand (R441-2-15, R441-2-17), and which body each event comes from. Pure."""

from django.db.models import TextChoices

from palier.territory.api import OrganisationKind as Kind


class EventType(TextChoices):
    """One kind of event. Those of `ACTS` are told from the acts noted elsewhere in Palier, and never entered here."""

    REGISTRATION = "registration", "Enregistrement"
    UPDATE = "update", "Mise à jour"
    RENEWAL_NOTICE = "renewal_notice", "Rappel ou avis remis"
    RENEWAL = "renewal", "Renouvellement"
    RADIATION = "radiation", "Radiation"
    REINSTATEMENT = "reinstatement", "Reprise après radiation"
    RECEPTION = "reception", "Entretien de réception"
    INFORMATION = "information", "Information remise"
    PIECE_SEEN = "piece_seen", "Pièce vue au guichet"
    RECTIFICATION = "rectification", "Rectification d’après une pièce"
    PIECE_REQUESTED = "piece_requested", "Pièce demandée"
    PIECE_RECEIVED = "piece_received", "Pièce reçue"
    DALO = "dalo", "Recours DALO"
    OPINION = "opinion", "Avis d’une instance"
    PRIORITY = "priority", "Priorité reconnue"
    PRIORITY_WITHDRAWN = "priority_withdrawn", "Priorité retirée"
    QUOTA = "quota", "Éligibilité à un contingent"
    CANDIDACY = "candidacy", "Positionnement sur un logement"
    DESIGNATION = "designation", "Désignation par un réservataire"
    VISIT_PROPOSED = "visit_proposed", "Visite proposée"
    VISIT_MADE = "visit_made", "Visite faite"
    COMMISSION = "commission", "Passage en commission d’attribution"
    DECISION = "decision", "Décision de la commission d’attribution"
    OFFER = "offer", "Offre de logement"
    ANSWER = "answer", "Réponse à l’offre"
    LEASE = "lease", "Bail signé"
    CANCELLATION = "cancellation", "Annulation"


class Family(TextChoices):
    """What the chronology can be narrowed to."""

    LIFE = "vie", "Vie de la demande"
    REVIEW = "instruction", "Pièces et instruction"
    PRIORITY = "priorites", "Priorités et contingents"
    COMMISSION = "commission", "Commission, offre et bail"


E = EventType
FAMILIES = {
    Family.LIFE: (
        E.REGISTRATION, E.UPDATE, E.RENEWAL_NOTICE, E.RENEWAL, E.RADIATION, E.REINSTATEMENT, E.RECEPTION, E.INFORMATION,
    ),
    Family.REVIEW: (E.PIECE_SEEN, E.RECTIFICATION, E.PIECE_REQUESTED, E.PIECE_RECEIVED),
    Family.PRIORITY: (E.DALO, E.OPINION, E.PRIORITY, E.PRIORITY_WITHDRAWN, E.QUOTA),
    Family.COMMISSION: (
        E.CANDIDACY, E.DESIGNATION, E.VISIT_PROPOSED, E.VISIT_MADE,
        E.COMMISSION, E.DECISION, E.OFFER, E.ANSWER, E.LEASE,
    ),
}  # fmt: skip
ACTS = frozenset({*FAMILIES[Family.LIFE], E.PIECE_SEEN})

_RESERVEES = frozenset({Kind.STATE, Kind.ACTION_LOGEMENT, Kind.COMMUNE, Kind.EPCI, Kind.DEPARTMENT})
_REGISTERING = _RESERVEES | {Kind.CCAS, Kind.LANDLORD, Kind.SIAO}
_LANDLORD = frozenset({Kind.LANDLORD})
# What each event comes from (R441-2-15 I). A cancellation comes from the body of what it cancels.
ORIGINS: dict[EventType, frozenset[Kind]] = {
    E.RECTIFICATION: _REGISTERING,
    E.PIECE_REQUESTED: _LANDLORD,
    E.PIECE_RECEIVED: _LANDLORD,
    E.DALO: frozenset({Kind.STATE}),
    E.OPINION: frozenset({Kind.STATE, Kind.DEPARTMENT, Kind.EPCI}),
    E.PRIORITY: _RESERVEES | _LANDLORD,
    E.PRIORITY_WITHDRAWN: _RESERVEES | _LANDLORD,
    E.QUOTA: _RESERVEES,
    E.CANDIDACY: _RESERVEES | _LANDLORD,
    E.DESIGNATION: _RESERVEES,
    E.VISIT_PROPOSED: _LANDLORD,
    E.VISIT_MADE: _LANDLORD,
    E.COMMISSION: _LANDLORD,
    E.DECISION: _LANDLORD,
    E.OFFER: _LANDLORD,
    E.ANSWER: _LANDLORD,
    E.LEASE: _LANDLORD,
}
PIECES = frozenset({E.PIECE_REQUESTED, E.PIECE_RECEIVED})
ENTERED = (*ORIGINS, E.CANCELLATION)


def who_may(event_type: str, kind: str, *, own: bool = True) -> bool:
    """Whether a body of this kind may enter an event of this type, on a demand that it follows (`own`) or only shares.

    The pieces of a demand that one follows have their own page: only a landlord who reviews a shared demand enters
    them here. A rectification is of the body that follows the demand, or of a landlord.
    """
    if kind not in ORIGINS.get(EventType(event_type), ()):
        return False
    if event_type in PIECES:
        return not own
    return own or kind == Kind.LANDLORD or event_type != EventType.RECTIFICATION


def enterable(kind: str, *, own: bool) -> list[EventType]:
    """What a body of this kind may enter, in the order of the list."""
    return [event_type for event_type in EventType if who_may(event_type, kind, own=own)]


def origins_in_words(event_type: EventType) -> str:
    """« bailleur social, service de l’État »: the kinds of bodies from which an event may come."""
    kinds = ORIGINS.get(event_type, frozenset())
    return ", ".join(str(kind.label) for kind in Kind if kind in kinds)
