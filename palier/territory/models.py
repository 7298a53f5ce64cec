"""A territory, its communes, its reception network and the professionals who work there.

Communes, organisations and places come from the files of the territory (`palier.sh territory load`). What
leaves the files is closed, never deleted: demands, duties and the journal still speak of it.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from palier.territory import hours, logo
from palier.territory.enums import OrganisationKind, Role


class Territory(models.Model):
    """An intercommunalité (EPCI): `name` is the official one, `short_name` the one people say; `logo` is SVG text."""

    siren = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=80)
    department = models.CharField(max_length=3)
    accent = models.CharField(max_length=7, default="#0f5c54")
    logo = models.TextField(blank=True)
    national_portal = models.URLField(blank=True)
    website = models.URLField(blank=True)
    contact = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    demonstration = models.BooleanField(default=False)

    class Meta:
        verbose_name = "territoire"

    def __str__(self) -> str:
        return self.name

    @property
    def logo_url(self) -> str:
        """The address of the logo, "" when the territory has none. It changes with the logo."""
        return reverse("territory:logo", args=[logo.version(self.logo)]) if self.logo else ""


class Commune(models.Model):
    """A commune of a territory; `column` and `row`, from 1, place it on the schematic map."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="communes")
    insee = models.CharField(max_length=5)
    name = models.CharField(max_length=80)
    postal_codes = models.JSONField(default=list)
    population = models.PositiveIntegerField(null=True)
    column = models.PositiveSmallIntegerField(default=0)
    row = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(null=True)

    class Meta:
        verbose_name = "commune"
        constraints = (models.UniqueConstraint(fields=("territory", "insee"), name="commune_once"),)

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A legal person of the network."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="organisations")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    closed_on = models.DateField(null=True)

    class Meta:
        verbose_name = "organisme"
        constraints = (
            models.UniqueConstraint(fields=("territory", "slug"), name="organisation_once"),
            models.CheckConstraint(condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_known"),
        )

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A place of welcome.

    `level` 1 informs, 2 also registers demands, 0 is a partner outside the labelled network. A place outside
    the communes of the territory has no `commune` but a `locality` when it is known. `hours` is a list of
    {"jours": [...], "de": "09:00", "à": "12:00"}; an empty list and an empty `hours_note` mean that the hours
    were not communicated. `by_appointment` is null when nobody said. `ambiguity` says what the source leaves
    open.
    """

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="places")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="places")
    commune = models.ForeignKey(Commune, models.PROTECT, null=True, related_name="+")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    level = models.PositiveSmallIntegerField(default=1)
    locality = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    hours = models.JSONField(default=list)
    hours_note = models.CharField(max_length=300, blank=True)
    by_appointment = models.BooleanField(null=True)
    note = models.TextField(blank=True)
    source = models.TextField(blank=True)
    ambiguity = models.TextField(blank=True)
    closed_on = models.DateField(null=True)

    class Meta:
        verbose_name = "lieu"
        constraints = (
            models.UniqueConstraint(fields=("territory", "slug"), name="place_once"),
            models.CheckConstraint(condition=Q(level__in=(0, 1, 2)), name="place_level_known"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def outside(self) -> bool:
        """Whether the place stands outside the communes of the territory."""
        return self.commune_id is None

    @property
    def town(self) -> str:
        """The commune or, outside the territory, the locality. Select the commune with the place."""
        return self.commune.name if self.commune else self.locality

    @property
    def opening_lines(self) -> list[str]:
        """The hours in words, one line a group of days; empty when they were not communicated."""
        return hours.in_words(self.hours) + ([self.hours_note] if self.hours_note else [])


class Membership(models.Model):
    """What a professional does, where, from `since` to `until` included."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, models.CASCADE, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        verbose_name = "rattachement"
        constraints = (
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="membership_dates"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
