"""A territory, its communes, its reception network and the professionals who work there."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from palier.territory.enums import OrganisationKind, Role


class Territory(models.Model):
    """An intercommunalité (EPCI)."""

    siren = models.CharField(max_length=9, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60)
    department = models.CharField(max_length=3)
    accent = models.CharField(max_length=7, default="#0f5c54")
    details = models.JSONField(default=dict)
    demonstration = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Commune(models.Model):
    """A commune of a territory; `column` and `row` place it on the schematic map."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="communes")
    insee = models.CharField(max_length=5)
    name = models.CharField(max_length=80)
    postal_codes = models.JSONField(default=list)
    population = models.PositiveIntegerField(null=True)
    column = models.PositiveSmallIntegerField(default=0)
    row = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("territory", "insee"), name="commune_once"),)

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A legal person of the network."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="organisations")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=OrganisationKind)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("territory", "slug"), name="organisation_once"),)

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A place of welcome. Level 1 informs, level 2 also registers, 0 is a partner outside the network."""

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
    by_appointment = models.BooleanField(null=True)
    details = models.JSONField(default=dict)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("territory", "slug"), name="place_once"),
            models.CheckConstraint(condition=Q(level__in=(0, 1, 2)), name="place_level_known"),
        )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person does, where, and until when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, models.CASCADE, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="membership_dates"),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
