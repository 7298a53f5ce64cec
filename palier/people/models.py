"""Persons and households through time, and the words under which they are found."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from palier.common.enums import WorkState
from palier.common.models import LongWork
from palier.people.enums import Civility, MemberRole, Verdict
from palier.people.rules import Identity


class Person(models.Model):
    """A natural person. Palier keeps no social security number (NIR).

    `phone` is in E.164 form, or as typed when it is no number. `birth_imprecise`: only the year is sure.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    civility = models.CharField("civilité", max_length=4, choices=Civility, blank=True)
    birth_name = models.CharField("nom de naissance", max_length=120, blank=True)
    usage_name = models.CharField("nom d’usage", max_length=120, blank=True)
    first_names = models.CharField("prénoms", max_length=120, blank=True)
    birth_date = models.DateField("date de naissance", null=True)
    birth_imprecise = models.BooleanField("date de naissance imprécise", default=False)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    email = models.CharField("adresse électronique", max_length=254, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "personne"
        constraints = (models.CheckConstraint(condition=~Q(birth_name="", first_names=""), name="person_has_a_name"),)
        indexes = (
            models.Index(fields=("birth_date",), name="person_birth"),
            models.Index(fields=("phone",), name="person_phone"),
        )

    def __str__(self) -> str:
        return self.identity.full_name

    @property
    def identity(self) -> Identity:
        """The person as a plain value."""
        return Identity(
            birth_name=self.birth_name,
            first_names=self.first_names,
            usage_name=self.usage_name,
            civility=self.civility,
            birth_date=self.birth_date,
            birth_imprecise=self.birth_imprecise,
            phone=self.phone,
            email=self.email,
        )


class Household(models.Model):
    """People who seek a home together. `label` is how agents read it in a list, written anew with each change.

    `version` grows with each change: whoever writes from an older one is told what changed in between.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    label = models.CharField(max_length=600)
    protected = models.BooleanField("adresse protégée", default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "ménage"
        # People in danger are few, and looked for by each list that must leave them out.
        indexes = (models.Index(fields=("place",), condition=Q(protected=True), name="household_protected"),)

    def __str__(self) -> str:
        return self.label


class Address(models.Model):
    """Where a household can be written to; apart, because it may have to be hidden."""

    household = models.OneToOneField(Household, models.CASCADE, related_name="address")
    care_of = models.CharField("chez", max_length=120, blank=True)
    line = models.CharField("numéro et voie", max_length=200, blank=True)
    complement = models.CharField("complément", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    town = models.CharField("commune", max_length=80, blank=True)
    insee = models.CharField(max_length=5, blank=True)

    class Meta:
        verbose_name = "adresse"

    def __str__(self) -> str:
        return f"{self.line}, {self.postal_code} {self.town}"


class Member(models.Model):
    """A person in a household, from a date, possibly until another. An unborn child has no person yet."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=MemberRole)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        verbose_name = "membre"
        constraints = (
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="member_dates"),
            models.CheckConstraint(condition=Q(role__in=MemberRole.values), name="member_role_known"),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(role=MemberRole.UNBORN), name="member_is_somebody"
            ),
            models.UniqueConstraint(
                fields=("household",),
                condition=Q(role=MemberRole.APPLICANT, until__isnull=True),
                name="one_applicant",
            ),
            models.UniqueConstraint(
                fields=("household", "person"), condition=Q(until__isnull=True), name="member_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"


class NameKey(models.Model):
    """One spelling that leads to a word of the vocabulary (`names.spellings`); the word itself is one of them."""

    key = models.CharField(max_length=40)
    word = models.CharField(max_length=40)

    class Meta:
        verbose_name = "orthographe"
        constraints = (models.UniqueConstraint(fields=("key", "word"), name="namekey_once"),)
        indexes = (
            # Words by their beginning: LIKE needs this operator class on PostgreSQL; SQLite ignores it.
            models.Index(
                fields=("word",),
                opclasses=("varchar_pattern_ops",),
                condition=Q(key=F("word")),
                name="namekey_prefix",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} → {self.word}"


class PersonWord(models.Model):
    """A person answers to a word. `born` is their birth date, kept here so that one index holds both."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="words", db_index=False)
    word = models.CharField(max_length=40)
    born = models.DateField(null=True)

    class Meta:
        verbose_name = "mot du nom"
        constraints = (models.UniqueConstraint(fields=("person", "word"), name="personword_once"),)
        indexes = (
            models.Index(fields=("word", "person"), name="personword_word"),
            models.Index(fields=("word", "born", "person"), name="personword_dated"),
        )

    def __str__(self) -> str:
        return self.word


class UsualWord(models.Model):
    """A word that a hundred people or more hold, and how many did when they were last counted (`lookup`)."""

    word = models.CharField(max_length=40, primary_key=True)
    held = models.PositiveIntegerField()

    class Meta:
        verbose_name = "mot courant"

    def __str__(self) -> str:
        return f"{self.word} ({self.held})"


class DoublePair(models.Model):
    """Two people of a territory who may be one, and what somebody decided of it, once for all.

    `first` is the one of the smaller number. `score` is that of `doubles.similarity`, 0 to 100. An open pair has no
    verdict; one put off until `until` is open again from that day. `told_by` is the organisation whose agent said that
    these two, followed by two organisations, are one: it decides nothing before the other one says so too.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    first = models.ForeignKey(Person, models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=10)
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    until = models.DateField(null=True)
    told_by = models.ForeignKey("territory.Organisation", models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(null=True)
    # Who followed them when they were last looked for: lists start from there, rights are checked each time.
    first_organisation = models.ForeignKey(
        "territory.Organisation", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    second_organisation = models.ForeignKey(
        "territory.Organisation", models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "double possible"
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="double_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="double_in_order"),
            models.CheckConstraint(condition=Q(verdict__in=["", *Verdict.values]), name="double_verdict_known"),
            models.CheckConstraint(
                condition=Q(verdict="", decided_by=None, decided_at=None)
                | (~Q(verdict="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="double_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.LATER, until__isnull=False)
                | (~Q(verdict=Verdict.LATER) & Q(until__isnull=True)),
                name="double_put_off_until_a_day",
            ),
        )
        indexes = (
            models.Index(fields=("territory", "-score"), name="double_of_territory"),
            models.Index(fields=("first_organisation", "-score", "id"), name="double_of_first"),
            models.Index(fields=("second_organisation", "-score", "id"), name="double_of_second"),
        )

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id} ?"


class Merge(models.Model):
    """Two people made one: `kept` stays, number `gone` is no more (`merging`).

    `pair` is the number that their pair had. `choices` says, field by field, whose value was kept (« left » for the one
    that stays). `before` is all it takes to undo, until the day `until` included; it holds names, and is emptied once
    undone or past that day.
    """

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    kept = models.ForeignKey(Person, models.CASCADE, related_name="+")
    gone = models.BigIntegerField()
    pair = models.BigIntegerField(db_index=True)
    choices = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    until = models.DateField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "réunion de deux fiches"
        constraints = (
            models.UniqueConstraint(fields=("gone",), condition=Q(undone_at=None), name="merge_once"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="merge_undone_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kept_id} ← {self.gone}"


class DoubleSearch(LongWork):
    """One search for doubles among everybody in a territory; `found` pairs were new. By night, nobody asked for it."""

    territory = models.ForeignKey("territory.Territory", models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    found = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "recherche des doubles"
        constraints = (
            models.UniqueConstraint(
                fields=("territory",),
                condition=Q(state__in=(WorkState.QUEUED, WorkState.RUNNING)),
                name="double_search_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"recherche {self.pk}"
