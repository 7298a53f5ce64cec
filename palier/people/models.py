"""Persons and households through time."""

from django.db import models
from django.db.models import F, Q

from palier.people.enums import Civility, MemberRole


class Person(models.Model):
    """A natural person. Palier keeps no social security number (NIR)."""

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    civility = models.CharField(max_length=4, choices=Civility, blank=True)
    birth_name = models.CharField(max_length=120)
    usage_name = models.CharField(max_length=120, blank=True)
    first_names = models.CharField(max_length=120, blank=True)
    birth_date = models.DateField(null=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.first_names} {self.usage_name or self.birth_name}".strip()


class Household(models.Model):
    """People who seek a home together. `label` is how agents read it in a list."""

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    label = models.CharField(max_length=200)
    protected = models.BooleanField("adresse protégée", default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.label


class Address(models.Model):
    """Where a household can be written to; apart, because it may have to be hidden."""

    household = models.OneToOneField(Household, models.CASCADE, related_name="address")
    care_of = models.CharField(max_length=120, blank=True)
    line = models.CharField(max_length=200, blank=True)
    complement = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    town = models.CharField(max_length=80, blank=True)
    insee = models.CharField(max_length=5, blank=True)

    def __str__(self) -> str:
        return f"{self.line}, {self.postal_code} {self.town}"


class Member(models.Model):
    """A person in a household, from a date, possibly until another."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=MemberRole)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="member_dates"),
            models.UniqueConstraint(
                fields=("household",), condition=Q(role="applicant", until__isnull=True), name="one_applicant"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"
