"""What became of each piece of a demand, and the files that hold it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from palier.demand.pieces.rules import KINDS, slot_of


class Stored(models.TextChoices):
    """What was last noted of a piece. Whether it is out of date depends on the day (`rules.state_of`)."""

    ASKED = "asked", "demandée"
    RECEIVED = "received", "reçue, à vérifier"
    CHECKED = "checked", "vérifiée"
    REFUSED = "refused", "refusée"


class Reason(models.TextChoices):
    """Why a piece is refused."""

    UNREADABLE = "unreadable", "illisible"
    OLD = "old", "périmée"
    WRONG = "wrong", "ce n’est pas la pièce demandée"


class Scan(models.TextChoices):
    """What the antivirus said of a file."""

    NONE = "none", "non analysé\u00a0: pas d’antivirus"
    WAITING = "waiting", "en attente de l’antivirus"
    CLEAN = "clean", "analysé, sain"
    INFECTED = "infected", "infecté, supprimé"


class Gone(models.TextChoices):
    """Why a file was deleted."""

    REPLACED = "replaced", "remplacé par le document complété"
    INFECTED = "infected", "infecté"
    AGENT = "agent", "supprimé par un agent"
    REFUSED = "refused", "pièce refusée"
    EXPIRED = "expired", "durée de conservation passée"


class Piece(models.Model):
    """One piece of the list, for one demand and one person: asked, received, checked or refused, with each day.

    `person` is the member it is about, None for the applicant or the household; `rank` tells a member who has no person
    yet. A piece asked anew once refused or out of date is another row: `current` is the one that counts.
    `noted_on` is the day somebody noted what `state` says: it can be taken back that day. `obsolete_on` is the first
    day it no longer serves. `shared_on`: the day it was noted as put in the national system.
    """

    demand = models.ForeignKey("demand.Demand", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    person = models.ForeignKey("people.Person", models.PROTECT, null=True, related_name="+")
    rank = models.PositiveSmallIntegerField(default=0)
    current = models.BooleanField(default=True)
    state = models.CharField(max_length=8, choices=Stored)
    noted_on = models.DateField()
    asked_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    shared_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    dated_on = models.DateField(null=True)
    obsolete_on = models.DateField(null=True)

    class Meta:
        verbose_name = "pièce"
        constraints = (
            models.UniqueConstraint(
                fields=("demand", "kind", "rank"), condition=Q(current=True, person=None), name="piece_once"
            ),
            models.UniqueConstraint(
                fields=("demand", "kind", "person"),
                condition=Q(current=True, person__isnull=False),
                name="piece_once_a_person",
            ),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="piece_of_the_list"),
            models.CheckConstraint(condition=Q(state__in=Stored.values), name="piece_state_known"),
            models.CheckConstraint(
                condition=~Q(state=Stored.ASKED) | Q(asked_on__isnull=False), name="piece_asked_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(state=Stored.RECEIVED) | Q(received_on__isnull=False), name="piece_received_on_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[Stored.CHECKED, Stored.REFUSED], decided_on__isnull=False)
                & Q(decided_by__isnull=False)
                | Q(state__in=[Stored.ASKED, Stored.RECEIVED], decided_on=None, decided_by=None),
                name="piece_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=Stored.REFUSED, reason__in=Reason.values) | ~Q(state=Stored.REFUSED) & Q(reason=""),
                name="piece_refused_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(shared_on=None) | Q(received_on__isnull=False, shared_on__gte=F("received_on")),
                name="piece_shared_once_received",
            ),
        )
        indexes = (
            models.Index(fields=("demand", "-id"), name="piece_of_demand"),
            # What the guichet has and the national system does not, every hour: a few rows.
            models.Index(
                fields=("received_on",), condition=Q(received_on__isnull=False, shared_on=None), name="piece_to_share"
            ),
        )

    def __str__(self) -> str:
        return f"{self.slot} ({self.demand_id})"

    @property
    def slot(self) -> str:
        """What tells this piece from the others of the demand."""
        return slot_of(self.kind, self.person_id, self.rank)


class PieceFile(models.Model):
    """The document of a piece, as one PDF written by Palier. Once deleted, the row is its trace, without the file.

    `token` is that of the form that sent it: sent twice, it makes one file. `name` is drawn at random and says nothing.
    `size` is that of the PDF, in bytes, before it is encrypted.
    """

    piece = models.ForeignKey(Piece, models.CASCADE, related_name="files")
    token = models.UUIDField(unique=True)
    name = models.CharField(max_length=32, blank=True)
    pages = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    scan = models.CharField(max_length=8, choices=Scan)
    added_on = models.DateField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    gone_on = models.DateField(null=True)
    gone = models.CharField(max_length=8, choices=Gone, blank=True)

    class Meta:
        verbose_name = "fichier d’une pièce"
        constraints = (
            models.UniqueConstraint(fields=("piece",), condition=Q(gone_on=None), name="piece_file_once"),
            models.UniqueConstraint(fields=("name",), condition=~Q(name=""), name="piece_file_name_once"),
            models.CheckConstraint(condition=Q(scan__in=Scan.values), name="piece_file_scan_known"),
            models.CheckConstraint(
                condition=Q(gone_on=None, gone="") & ~Q(name="")
                | Q(gone_on__isnull=False, gone__in=Gone.values, name=""),
                name="piece_file_gone_without_name",
            ),
            models.CheckConstraint(
                condition=~Q(scan=Scan.INFECTED) | Q(gone_on__isnull=False), name="piece_file_infected_is_gone"
            ),
        )
        indexes = (models.Index(fields=("id",), condition=Q(scan="waiting", gone_on=None), name="piece_file_waiting"),)

    def __str__(self) -> str:
        return f"{self.piece} ({self.pages} p.)"
