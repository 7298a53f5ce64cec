"""Finding people. At most four queries, whatever the number of rows; nothing is counted that is not shown.

Rights are the caller's: `households` restricts a search to what the actor may see.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Length

from palier.people import doubles, names
from palier.people.doubles import Level, Similarity
from palier.people.models import Member, NameKey, Person, PersonWord
from palier.people.rules import Identity, e164

# Past this many people, how frequent a word is no longer matters: counting only serves to start from the rarest.
FREQUENT = 2000
MOST_COMPLETIONS = 100
MOST_CANDIDATES = 200
MOST_SUSPECTS = 1000

Scope: TypeAlias = "QuerySet[Any, Any] | Collection[int] | None"


@dataclass(frozen=True)
class Match:
    """Somebody known, with the household where they are, or were last, and the place that wrote it."""

    person_id: int
    identity: Identity
    household_id: int | None
    label: str
    place_id: int | None
    place: str
    organisation_id: int | None
    organisation: str


@dataclass(frozen=True)
class Found:
    """The best matches; `more` says that others exist, without counting them."""

    query: names.Query
    matches: tuple[Match, ...] = ()
    more: bool = False


@dataclass(frozen=True)
class Double(Match):
    """Somebody known who may be the person described, and why.

    The caller decides what to show: of another organisation's person, only « déjà connue du guichet … ».
    """

    similarity: Similarity


def find(typed: str, *, territory_id: int, households: Scope = None, limit: int = 20) -> Found:
    """People who answer ALL of what was typed in the search box (`names.parse`), best first.

    Words match whole, by their beginning, or with a typo; at equal closeness the latest person comes first. People who
    hold the very words are looked for first, so that a frequent name is never drowned by its neighbours. A number such
    as a NUD (`Found.query.identifier`) finds nobody here: the context that keeps it looks for it.
    """
    query = names.parse(typed)
    if not query or query.identifier:
        return Found(query)
    # A day of birth or a telephone is rarer than any name: start from it, and only check the words.
    precise = bool(query.phone) or any(first == last for first, last in query.born)
    if not query.words:
        return _found(query, _people([], _conditions(query, territory_id, households)), households, limit)
    groups = _vocabulary(query.words)
    if not all(groups):
        return Found(query)
    exact = [{word} for word in query.words]
    if precise:
        return _found(query, _people(groups, _conditions(query, territory_id, households)), households, limit)
    conditions = _conditions(query, territory_id, households, "person__")
    held = _held(groups) if len(groups) > 1 else [0]
    found = Found(query)
    if all(word in group for word, group in zip(query.words, groups, strict=True)):
        found = _found(query, _holders(exact, conditions, held), households, limit)
    if found.more or groups == exact:
        return found
    return _found(query, _holders(groups, conditions, held), households, limit)


def _conditions(query: names.Query, territory_id: int, households: Scope, to: str = "") -> list[Any]:
    """Everything but the words; `to` is the way from the table searched to the person."""
    person = OuterRef(f"{to}pk")
    conditions: list[Any] = [Q((f"{to}territory_id", territory_id))]
    if households is not None:
        conditions.append(Exists(Member.objects.filter(person=person, household__in=households)))
    if query.phone:
        conditions.append(Q((f"{to}phone", query.phone)))
    if query.born:
        spans = [Q((f"{to}birth_date__range", span)) for span in query.born]
        conditions.append(spans[0] if len(spans) == 1 else spans[0] | spans[1])
    return conditions


def _starting(column: str, start: str) -> Q:
    """Values beginning with `start`, in the form that the database answers from an index."""
    if connection.vendor == "postgresql":
        return Q((f"{column}__startswith", start))
    return Q((f"{column}__gte", start), (f"{column}__lt", start + "\U0010ffff"))


def _vocabulary(asked: Sequence[str]) -> list[set[str]]:
    """For each word asked, the known words that may answer it: itself, its completions, its neighbours. One query."""
    spellings = {spelling for word in asked for spelling in names.spellings(word)}
    completions = []
    for word in asked:
        known = NameKey.objects.filter(_starting("word", word), key=F("word")).order_by(Length("word"), "word")
        completions.append(NameKey.objects.filter(pk__in=known.values("pk")[:MOST_COMPLETIONS]).values_list("word"))
    words = [word for (word,) in NameKey.objects.filter(key__in=spellings).values_list("word").union(*completions)]
    return [{one for one in words if one.startswith(word) or names.near(word, one)} for word in asked]


def _held(groups: Sequence[set[str]]) -> list[int]:
    """How many people hold a word of each group, counted no further than FREQUENT. One query."""
    table = connection.ops.quote_name(PersonWord._meta.db_table)
    counts = (
        f"(SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE word IN ({', '.join(['%s'] * len(group))})"  # noqa: S608
        f" LIMIT {FREQUENT}) AS held)"
        for group in groups
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", [word for group in groups for word in group])
        return list(cursor.fetchone() or ())


def _people(groups: Sequence[set[str]], conditions: list[Any], most: int = MOST_CANDIDATES) -> QuerySet[Person, Any]:
    """The latest people who pass precise conditions and hold a word of every group."""
    holds = [Exists(PersonWord.objects.filter(person=OuterRef("pk"), word__in=group)) for group in groups]
    return Person.objects.filter(*conditions, *holds).order_by(_latest("pk")).values("pk")[:most]


def _holders(
    groups: Sequence[set[str]], conditions: list[Any], held: Sequence[int], most: int = MOST_CANDIDATES
) -> QuerySet[PersonWord, Any]:
    """The latest people who hold a word of every group, starting from the rarest."""
    rarest = held.index(min(held))
    people = PersonWord.objects.filter(*conditions, word__in=groups[rarest])
    for place, group in enumerate(groups):
        if place == rarest:
            continue
        others = PersonWord.objects.filter(word__in=group)
        # Few people to check: look at each one. Many: SQLite is faster with the list of the others made once.
        if held[rarest] < FREQUENT:
            people = people.filter(Exists(others.filter(person=OuterRef("person"))))
        else:
            people = people.filter(person__in=others.values("person"))
    # The index on one word gives the latest first.
    latest = F("person").desc() if len(groups[rarest]) == 1 else _latest("person")
    return people.order_by(latest).values("person")[:most]


def _latest(column: str) -> OrderBy:
    """Latest first. « + 0 » keeps PostgreSQL from walking back through everybody to meet the few who match."""
    return (F(column) + 0).desc()


def _found(query: names.Query, people: Any, households: Scope, limit: int) -> Found:
    """Read, rank and cut. One query."""
    matches = [
        (names.closeness(query.words, names.words_of(match.identity)), match)
        for match in matches_of(Person.objects.filter(pk__in=people), households)
    ]
    matches.sort(key=lambda scored: (-scored[0], -scored[1].person_id))
    return Found(query, tuple(match for _, match in matches[:limit]), more=len(matches) > limit)


_IDENTITY = (
    "birth_name", "first_names", "usage_name", "civility", "birth_date", "birth_imprecise", "phone", "email",
)  # fmt: skip
_HOUSEHOLD = "memberships__household"


def matches_of(people: QuerySet[Person], households: Scope) -> list[Match]:
    """People with the household where they are or were last, among those that the caller may see. One query."""
    if households is not None:
        people = people.filter(memberships__household__in=households)
    rows = people.values_list(
        "pk", *_IDENTITY, f"{_HOUSEHOLD}_id", f"{_HOUSEHOLD}__label",
        f"{_HOUSEHOLD}__place_id", f"{_HOUSEHOLD}__place__name",
        f"{_HOUSEHOLD}__place__organisation_id", f"{_HOUSEHOLD}__place__organisation__name", "memberships__until",
    )  # fmt: skip
    last: dict[int, tuple[Any, ...]] = {}
    for row in rows:
        kept = last.get(row[0])
        # A membership that has not ended wins; failing that, the one that ended last.
        if kept is None or (kept[-1] is not None and (row[-1] is None or row[-1] > kept[-1])):
            last[row[0]] = row
    width = 1 + len(_IDENTITY)
    return [
        Match(
            person_id,
            Identity(**dict(zip(_IDENTITY, row[1:width], strict=True))),
            row[width],
            row[width + 1] or "",
            row[width + 2],
            row[width + 3] or "",
            row[width + 4],
            row[width + 5] or "",
        )
        for person_id, row in last.items()
    ]


def probable_doubles(
    identity: Identity, territory_id: int | None, *, limit: int = 5, without: Collection[int] = ()
) -> list[Double]:
    """People of the territory who may be the one described, most alike first. Two queries, three without a day.

    Only people who hold a word of the surname (or a misspelling of it) AND were born on a day near enough, or on a day
    that nobody knows, or who have the telephone, are compared: the probes stay small with a million people.
    """
    surname, first = (
        names.words(identity.birth_name, identity.usage_name),
        names.words(*identity.first_names.split(), identity.first_names),
    )
    near = [group for group in _neighbours([surname, first]) if group]
    if territory_id is None or not near:
        return []
    probes = [Q(pk__in=people) for people in _suspects(identity, near, territory_id)]
    if phone := e164(identity.phone):
        shares = Exists(PersonWord.objects.filter(person=OuterRef("pk"), word__in=set().union(*near)))
        same = Person.objects.filter(shares, phone=phone, territory_id=territory_id)
        probes.append(Q(pk__in=same.values("pk")[:MOST_SUSPECTS]))
    if not probes:
        return []
    people = Person.objects.filter(reduce(or_, probes)).exclude(pk__in=without)
    found = [
        Double(**vars(match), similarity=similarity)
        for match in matches_of(people, None)
        if (similarity := doubles.similarity(identity, match.identity)).level != Level.NONE
    ]
    found.sort(key=lambda double: (-double.similarity.score, -double.person_id))
    return found[:limit]


def _neighbours(lists: Sequence[Sequence[str]]) -> list[set[str]]:
    """For each list of words, the known words that are the same or one slip away. One query."""
    spellings = {spelling for words in lists for word in words for spelling in names.spellings(word)}
    known = set(NameKey.objects.filter(key__in=spellings).values_list("word", flat=True))
    return [{one for one in known if any(names.near(word, one) for word in words)} for words in lists]


def _suspects(identity: Identity, near: Sequence[set[str]], territory_id: int) -> list[Any]:
    """People worth comparing by their names: those born on a day near enough, or whose birth date nobody knows."""
    there = Q(person__territory_id=territory_id)
    if identity.birth_date is None or identity.birth_imprecise:
        return [] if len(near) < 2 else [_holders(near, [there], _held(near), MOST_SUSPECTS)]
    named = PersonWord.objects.filter(there, word__in=near[0])
    undated = named.filter(born=None)
    for others in near[1:]:
        undated = undated.filter(Exists(PersonWord.objects.filter(person=OuterRef("person"), word__in=others)))
    dated = named.filter(born__in=doubles.birth_variants(identity.birth_date))
    return [found.order_by(_latest("person")).values("person")[:MOST_SUSPECTS] for found in (dated, undated)]
