"""The supporting documents that may be asked, and only those: the limitative list of the arrêté (R441-2-4-1). Pure.

Only the identity piece conditions the registration (R441-2-3). The others serve the examination of the demand: some are
always needed, the rest on request, when the situation declared calls for them. Nobody adds a piece of their own.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from palier.demand.content import Content, Income, Job, MemberContent
from palier.law.api import add_months, complete_years
from palier.people.api import MemberRole

LIST_VERSION = "14069*05"


class PieceStage(StrEnum):
    """When a piece may be asked."""

    REGISTRATION = "registration"
    REVIEW = "review"
    ON_REQUEST = "on_request"


STAGES = {
    PieceStage.REGISTRATION: "Pour enregistrer",
    PieceStage.REVIEW: "Pour instruire la demande",
    PieceStage.ON_REQUEST: "Selon la situation",
}


@dataclass(frozen=True)
class PieceKind:
    """One line of the list. `accepted` are the documents that do; one is enough. `months` is how long it serves.

    `reserved` pieces speak of health or of violence: only those who hold the right read them.
    """

    code: str
    stage: PieceStage
    label: str
    accepted: tuple[str, ...]
    months: int | None = None
    reserved: bool = False


@dataclass(frozen=True)
class PieceDue:
    """A piece that this demand calls for: whose (0 the applicant, then the members by rank), and why in words.

    `person_id` is the person of a member, when known: ranks move when somebody leaves the household.
    `person` is their name, "" for a piece of the household.
    """

    kind: PieceKind
    rank: int
    person: str
    why: str
    person_id: int | None = None

    @property
    def slot(self) -> str:
        """What tells this piece from the others of the demand: « tax », « tax-12 » (a person), « tax-r2 » (a rank)."""
        return slot_of(self.kind.code, self.person_id, self.rank)


def slot_of(kind: str, person_id: int | None, rank: int) -> str:
    """The slot of a piece: its kind, then whose it is."""
    if person_id is not None:
        return f"{kind}-{person_id}"
    return f"{kind}-r{rank}" if rank else kind


def _kinds(*rows: PieceKind) -> dict[str, PieceKind]:
    return {row.code: row for row in rows}


_IDENTITY = ("carte d’identité", "passeport")
_STAY = ("titre de séjour en cours de validité", "récépissé de renouvellement d’un titre de séjour")
# What shows the state of a dwelling, whatever is wrong with it.
_STATE = (
    "rapport d’un service public, d’un professionnel ou d’une association", "photographies", "jugement",
    "attestation de la CAF ou de la MSA",
)  # fmt: skip
_ON = PieceStage.ON_REQUEST

KINDS = _kinds(
    PieceKind("identity", PieceStage.REGISTRATION, "Pièce d’identité",
              (*_IDENTITY, "livret de famille ou acte de naissance pour un mineur")),
    PieceKind("stay", PieceStage.REGISTRATION, "Titre attestant la régularité du séjour", _STAY),
    PieceKind("identity_adult", PieceStage.REVIEW, "Pièce d’identité ou titre de séjour de chaque adulte à loger",
              (*_IDENTITY, *_STAY)),
    PieceKind("tax", PieceStage.REVIEW, "Avis d’imposition de l’année N-2",
              ("avis d’imposition ou de non-imposition", "document fiscal étranger traduit",
               "avis des parents, pour un jeune encore rattaché à leur foyer fiscal",
               "justificatifs des revenus perçus depuis l’entrée en France, ou des douze derniers mois pour une "
               "personne protégée"), months=12),
    PieceKind("tax_last_year", _ON, "Avis d’imposition de l’année N-1, si les revenus ont baissé",
              ("avis d’imposition ou de non-imposition",), months=12),
    PieceKind("married", _ON, "Mariage", ("livret de famille", "acte de mariage")),
    PieceKind("pacs", _ON, "PACS", ("attestation d’enregistrement du PACS",)),
    PieceKind("separated", _ON, "Divorce ou séparation", (
        "extrait du jugement", "autorisation de résidence séparée", "déclaration de rupture du PACS",
        "lettre de l’avocat en cas de divorce par consentement mutuel")),
    PieceKind("children", _ON, "Enfants", ("livret de famille", "acte de naissance")),
    PieceKind("custody", _ON, "Garde d’un enfant", ("décision du juge", "convention parentale homologuée")),
    PieceKind("guardianship", _ON, "Tutelle ou curatelle", ("jugement",), reserved=True),
    PieceKind("pregnancy", _ON, "Grossesse", ("certificat de grossesse",), months=9, reserved=True),
    PieceKind("salary", _ON, "Salaires",
              ("trois derniers bulletins de paie", "attestation de l’employeur et contrat de travail"), months=3),
    PieceKind("self_employed", _ON, "Activité indépendante",
              ("dernier bilan", "attestation du comptable"), months=12),
    PieceKind("unemployment", _ON, "Chômage", ("avis de paiement de France Travail",), months=3),
    PieceKind("retirement", _ON, "Retraite", ("notification de pension",), months=12),
    PieceKind("benefits", _ON, "Prestations sociales (RSA, AAH, allocations)",
              ("attestation de la CAF ou de la MSA",), months=3),
    PieceKind("invalidity", _ON, "Pension d’invalidité", ("notification de pension",), months=12, reserved=True),
    PieceKind("studies", _ON, "Études ou apprentissage",
              ("carte d’étudiant et avis de bourse", "contrat d’apprentissage"), months=12),
    PieceKind("alimony", _ON, "Pension alimentaire", ("décision du juge", "justificatif de versement"), months=12),
    PieceKind("tenant", _ON, "Location", ("bail et quittance de loyer", "preuve du paiement du loyer"), months=3),
    PieceKind("hosted", _ON, "Hébergement chez un particulier", ("attestation de l’hébergeant",), months=3),
    PieceKind("shelter", _ON, "Structure d’hébergement, hôtel, camping ou foyer",
              ("attestation du gestionnaire", "reçu"), months=3),
    PieceKind("homeless", _ON, "Sans abri",
              ("attestation d’élection de domicile", "attestation d’un travailleur social"), months=12),
    PieceKind("owner", _ON, "Propriété", ("acte de propriété", "plan de financement", "taxe foncière")),
    PieceKind("indecent", _ON, "Logement non décent", _STATE),
    PieceKind("unfit", _ON, "Logement insalubre ou dangereux", (
        "arrêté d’insalubrité ou de péril", "mise en demeure", "arrêté de fermeture d’un hôtel", *_STATE)),
    PieceKind("improper", _ON, "Local impropre à l’habitation", (
        "arrêté du préfet", "mise en demeure", *_STATE)),
    PieceKind("taken_back", _ON, "Logement repris ou vendu", ("lettre de congé", "jugement de fin de bail")),
    PieceKind("eviction", _ON, "Procédure d’expulsion",
              ("commandement de payer", "assignation", "jugement", "commandement de quitter les lieux")),
    PieceKind("violence", _ON, "Violences ou menaces", (
        "décision du juge", "ordonnance de protection", "récépissé de dépôt de plainte"), reserved=True),
    PieceKind("handicap", _ON, "Handicap", (
        "carte mobilité inclusion", "décision de la MDPH", "reconnaissance de travailleur handicapé"), reserved=True),
    PieceKind("work_move", _ON, "Mutation ou rapprochement du travail",
              ("lettre de l’employeur", "document qui situe l’emploi")),
    PieceKind("childminder", _ON, "Assistante maternelle ou familiale", ("agrément",)),
    PieceKind("family_reunion", _ON, "Regroupement familial", ("décision ou récépissé de la demande",)),
    PieceKind("demolition", _ON, "Démolition", ("lettre ou décision du bailleur", "arrêté de démolition")),
)  # fmt: skip

_OF_RESOURCE = {
    "SAL": "salary", "RET": "retirement", "CHO": "unemployment", "PINV": "invalidity", "PAR": "alimony",
    "BE": "studies",
    **dict.fromkeys(("RSA", "AAH", "AF", "AMV", "PAJE", "AEEH", "AJPP", "PRIM"), "benefits"),
}  # fmt: skip
_OF_CONTRACT = {"ART": "self_employed", "ETU": "studies", "APP": "studies"}
_OF_DWELLING = {
    **dict.fromkeys(("HLM", "LP"), "tenant"),
    **dict.fromkeys(("CP", "CPE"), "hosted"),
    **dict.fromkeys(("SH", "HOT", "RS", "RHVS", "RE", "SLHT", "IML", "CDEFCM", "CAMCAR", "ACT"), "shelter"),
    **dict.fromkeys(("SD", "SQUAT"), "homeless"),
    "POCC": "owner",
}
_OF_GROUND = {
    "02": "demolition", "03": "indecent", "NDEC": "indecent", "INSA": "unfit", "IMPR": "improper", "04": "taken_back",
    "05": "eviction", "07": "handicap", "11": "separated", "15": "family_reunion", "16": "childminder",
    "18": "work_move", "19": "work_move", **dict.fromkeys(("06", "VCMF", "VIOL", "TRAI"), "violence"),
}  # fmt: skip
_FAMILY = {"M": "married", "P": "pacs", "D": "separated", "S": "separated"}
_CHILDREN = {MemberRole.DEPENDANT, MemberRole.SHARED_CUSTODY, MemberRole.VISIT}


def due(content: Content, on: date, adult_age: int) -> list[PieceDue]:
    """The pieces that a demand calls for on a day, as it is declared: identity first, each once by person.

    A household not described yet calls for the applicant's identity only.
    """
    members = content.menage.members if content.menage else ()
    found: dict[tuple[str, int], PieceDue] = {}
    for code, rank, person, why in _called(content, on, adult_age):
        person_id = members[rank - 1].person_id if rank else None
        found.setdefault((code, rank), PieceDue(KINDS[code], rank, person, why, person_id))
    order = list(PieceStage)
    return sorted(found.values(), key=lambda piece: (order.index(piece.kind.stage), piece.rank))


Called = Iterator[tuple[str, int, str, str]]


def _called(content: Content, on: date, adult_age: int) -> Called:
    applicant = content.identite.first_names or content.identite.birth_name
    foreign = content.identite.nationality == "3"
    yield ("stay" if foreign else "identity"), 0, applicant, "seule pièce nécessaire pour enregistrer (R441-2-3)"
    if content.identite.organisation:
        # A legal person (an association of L442-8-1) says who it is and what it seeks, nothing else.
        return
    yield "tax", 0, applicant, "revenu de toutes les personnes à loger"
    for part in (_of_members, _of_situation, _of_income, _of_dwelling):
        yield from part(content, on, adult_age)


def _of_members(content: Content, on: date, adult_age: int) -> Called:
    members = content.menage.members if content.menage else ()
    for rank, member in enumerate(members, start=1):
        name = member.first_names or member.birth_name
        if _adult(member, on, adult_age):
            yield "identity_adult", rank, name, "adulte à loger"
            if not member.joint_tax:
                yield "tax", rank, name, "revenu de toutes les personnes à loger"
        elif member.role in _CHILDREN:
            yield "children", 0, "", "enfants à loger ou à accueillir"
        if member.role in {MemberRole.SHARED_CUSTODY, MemberRole.VISIT}:
            yield "custody", 0, "", "garde alternée ou droit de visite"
    if content.menage and content.menage.unborn:
        yield "pregnancy", 0, "", "enfant à naître"
    if content.menage and content.menage.handicap:
        yield "handicap", 0, "", "handicap déclaré"


def _adult(member: MemberContent, on: date, adult_age: int) -> bool:
    if member.role in {MemberRole.CO_APPLICANT, MemberRole.OTHER_ADULT}:
        return True
    return member.role is MemberRole.DEPENDANT and bool(
        member.birth_date and complete_years(member.birth_date, on) >= adult_age
    )


def _of_situation(content: Content, on: date, adult_age: int) -> Called:
    situation = content.situation
    if situation is None:
        return
    if situation.family in _FAMILY:
        yield _FAMILY[situation.family], 0, "", "situation familiale déclarée"
    if situation.violence or situation.forced_marriage or situation.assault or situation.trafficking:
        yield "violence", 0, "", "situation déclarée"
    if situation.guardianship:
        yield "guardianship", 0, "", "mesure de protection déclarée"
    if situation.demolition:
        yield "demolition", 0, "", "relogement déclaré"


def _of_income(content: Content, on: date, adult_age: int) -> Called:
    resources = content.ressources
    applicant = content.identite.first_names or content.identite.birth_name
    yield from _of_adult(0, applicant if resources and resources.per_person else "", content.travail, resources)
    if resources:
        yield from _received(0, "", resources.dependants)
    for rank, member in enumerate(content.menage.members if content.menage else (), start=1):
        yield from _of_adult(rank, member.first_names or member.birth_name, member.job, member.income)


def _of_adult(rank: int, person: str, job: Job | None, income: Income | None) -> Called:
    if income:
        yield from _received(rank, person, income.monthly)
        if income.alimony_paid:
            yield "alimony", rank, person, "pension alimentaire versée"
        if income.rfr_n1 is not None:
            yield "tax_last_year", rank, person, "revenu de l’année N-1 déclaré"
    if job and job.contract in _OF_CONTRACT:
        yield _OF_CONTRACT[job.contract], rank, person, "situation professionnelle déclarée"


def _received(rank: int, person: str, monthly: Mapping[str, object]) -> Called:
    for code in monthly:
        if code in _OF_RESOURCE:
            yield _OF_RESOURCE[code], rank, person, "ressources déclarées"


def _of_dwelling(content: Content, on: date, adult_age: int) -> Called:
    dwelling, grounds = content.logement, content.motifs
    if dwelling:
        for kind in dwelling.kinds:
            if kind in _OF_DWELLING:
                yield _OF_DWELLING[kind], 0, "", "logement actuel déclaré"
        if dwelling.unfit:
            yield "unfit", 0, "", "habitat indigne déclaré"
        if dwelling.indecent:
            yield "indecent", 0, "", "logement non décent déclaré"
        if dwelling.eviction_stage not in {"", "aucune"}:
            yield "eviction", 0, "", "procédure d’expulsion déclarée"
        if dwelling.lease_end:
            yield "taken_back", 0, "", "congé déclaré"
    for code in grounds.codes if grounds else ():
        if code in _OF_GROUND:
            yield _OF_GROUND[code], 0, "", "motif de la demande"


def obsolete_on(kind: PieceKind, dated_on: date) -> date | None:
    """The first day a piece dated `dated_on` no longer serves; None when it does not age."""
    return None if kind.months is None else add_months(dated_on, kind.months)


class PieceState(StrEnum):
    """Where a piece stands on a day."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    RECEIVED = "received"
    CHECKED = "checked"
    REFUSED = "refused"
    OBSOLETE = "obsolete"
    NOT_DUE = "not_due"


HELD = frozenset({PieceState.RECEIVED, PieceState.CHECKED})
"""Held, and so never asked again."""


def state_of(stored: str, obsolete: date | None, on: date) -> PieceState:
    """Where a piece stands, from what was last noted (`stored`, "" for nothing) and its first day out of date."""
    if stored in HELD and obsolete is not None and obsolete <= on:
        return PieceState.OBSOLETE
    return PieceState(stored or PieceState.NOT_ASKED)


Held = Mapping[str, date | None]
"""What was checked: slot → the first day it no longer serves, None when it does not age."""


def missing(content: Content, held: Held, on: date, *, adult_age: int, asked: Collection[str] = ()) -> list[PieceDue]:
    """What keeps a demand from being examined: the pieces always needed, and those that were `asked` (slots).

    A piece on request that nobody asked for keeps nothing waiting.
    """
    return [
        piece
        for piece in due(content, on, adult_age)
        if (piece.kind.stage is not PieceStage.ON_REQUEST or piece.slot in asked) and not _serves(piece, held, on)
    ]


def complete(content: Content, held: Held, on: date, *, adult_age: int, asked: Collection[str] = ()) -> bool:
    """Whether a demand may be examined: every piece needed or asked was checked, and still serves. Pure.

    Registering it needs an identity only (R441-2-3).
    """
    return not missing(content, held, on, adult_age=adult_age, asked=asked)


def _serves(piece: PieceDue, held: Held, on: date) -> bool:
    until = held.get(piece.slot, date.min)
    return until is None or on < until


# What each kind proves, in the words of grids. A fact that is not here is proven by no piece of the list.
PROVES = {
    "situation.violences": ("violence",),
    "situation.mariage_force": ("violence",),
    "situation.viol_agression": ("violence",),
    "situation.traite": ("violence",),
    "situation.naissance_attendue": ("pregnancy",),
    "situation.separation": ("separated",),
    "situation.regroupement_familial": ("family_reunion",),
    "demande.relogement_demolition": ("demolition",),
    "demande.locataire_social": ("tenant",),
    "emploi.mutation": ("work_move",),
    "emploi.rapprochement": ("work_move",),
    "logement_actuel.statut": ("tenant", "hosted", "shelter", "homeless", "owner"),
    "logement_actuel.indigne": ("unfit",),
    "logement_actuel.non_decent": ("indecent",),
    "logement_actuel.vente": ("taken_back",),
    "logement_actuel.fin_bail": ("taken_back",),
    "logement_actuel.etape_expulsion": ("eviction",),
    "logement_actuel.date_etape": ("eviction",),
    "membres.handicap": ("handicap",),
    "membres.garde_alternee": ("custody",),
}


def proven_by(reads: Collection[str], called: Collection[str]) -> frozenset[str]:
    """The kinds, among those that a demand calls for (`called`), that together prove a criterion.

    Empty when a fact that it reads is proven by no piece: an agent then says by hand that the proof was seen.
    """
    if not all(path in PROVES for path in reads):
        return frozenset()
    return frozenset(kind for path in reads for kind in PROVES[path] if kind in called)
