"""Finding people. At most four queries, whatever the number of rows; nothing is counted that is not shown.

Rights are the caller's: `households` restricts a search to what the actor may see.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from palier.people import doubles, names
from palier.people.doubles import Level, Similarity
from palier.people.models import NameKey, Person, PersonWord
from palier.people.rules import Identity, e164

# Past this many people, how frequent a word is no longer matters: counting only serves to start from the rarest.
FREQUENT = 300
MOST_COMPLETIONS = 100
# People who hold the words, before rights and ranking; read in full by so many at a time.
MOST_CANDIDATES = 500
READ_AT_A_TIME = 30
MOST_SUSPECTS = 1000
# Past this many people, the households of a list are asked one by one: one in a hundred of a million, met soon enough.
MOST_HOLDERS = 10_000

Part: TypeAlias = tuple[str, list[Any]]
"""A piece of a statement and its values."""
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
    found = _find(query, territory_id, households, limit)
    # « Lee Barbier » for Le Barbier: a short word forgives nothing by itself, and is found once joined to the next.
    if not found.matches and (joined := names.joined(query.words)):
        found = _find(replace(query, words=joined), territory_id, households, limit)
    return replace(found, query=query)


def _find(query: names.Query, territory_id: int, households: Scope, limit: int) -> Found:
    conditions = _conditions(query, territory_id)
    # A day of birth or a telephone is rarer than any name: start from it, and only check the words.
    precise = bool(query.phone) or any(first == last for first, last in query.born)
    groups = _neighbours(query.words, completed=True)
    if not all(groups):
        return Found(query)
    if precise or not query.words:
        people = Person.objects.filter(*conditions, *map(_holding, groups)).order_by("-pk").values("pk")
        matches = matches_of(Person.objects.filter(pk__in=people[:MOST_CANDIDATES]), households)
        ranked = sorted(matches, key=lambda match: (-_closeness(query, match), -match.person_id))
        return Found(query, tuple(ranked[:limit]), more=len(ranked) > limit)
    held = _held(groups)
    known = [word in group for word, group in zip(query.words, groups, strict=True)]
    # Everybody is read at once when the rarest word is rare; else first those who hold the words that are names.
    stages: list[list[list[Collection[str]]]] = [[list(groups)]]
    if min(held) >= FREQUENT and any(known):
        exact: list[Collection[str]] = [
            [word] if right else group for word, right, group in zip(query.words, known, groups, strict=True)
        ]
        if all(known):
            # One of them may be the mistake, and the others not.
            stages = [[[*exact[:at], group, *exact[at + 1 :]] for at, group in enumerate(groups)]]
        stages.insert(0, [exact])
    seen: set[int] = set()
    found: list[Match] = []
    for stage in stages:
        candidates: dict[int, float] = {}
        for tried in stage:
            candidates |= {pk: s for pk, s in _holders(query.words, tried, held).items() if pk not in seen}
        seen |= candidates.keys()
        found += _best(candidates, conditions, households, limit + 1 - len(found))
        # A word that is no name was the mistake.
        if len(found) > limit or (found and not all(known)):
            break
    return Found(query, tuple(found[:limit]), more=len(found) > limit)


def answering(
    query: names.Query, territory_id: int, groups: Sequence[Collection[str]], household: str
) -> tuple[Part, Part, Part]:
    """That somebody now in `household` (a column) answers ALL of a query: to restrict a statement written by hand.

    `groups` are the known words near each of the query's (`neighbours`); none may be empty. Gives a common table for
    the head of the statement, and two conditions, of which the second costs more. A few people lead to their
    households (the first). When more than `MOST_HOLDERS` answer, the statement goes its own way, and each household
    that it meets is asked whether it holds one of them (the second).
    """
    listed = [f"({', '.join(['%s'] * len(group))})" for group in groups]
    words: list[Any] = [word for group in groups for word in sorted(group)]
    person, held = [], []
    if query.phone:
        person.append("p.territory_id = %s AND p.phone = %s")
        held += [territory_id, query.phone]
    if query.born:
        person.append(f"({' OR '.join(['p.birth_date BETWEEN %s AND %s'] * len(query.born))})")
        held += [day.isoformat() for span in query.born for day in span]
    tables = [f"people_personword w{place}" for place in range(len(groups))] + ["people_person p"] * bool(person)
    keys = [f"w{place}.person_id" for place in range(len(groups))] + ["p.id"] * bool(person)
    same = [f"{keys[0]} = {key}" for key in keys[1:]]
    answers = [f"w{place}.word IN {some}" for place, some in enumerate(listed)] + person
    holders = f"SELECT {keys[0]} FROM {', '.join(tables)} WHERE {' AND '.join(answers + same)}"  # noqa: S608
    probes = [f"EXISTS (SELECT 1 FROM people_personword w WHERE w.person_id = m.person_id AND w.word IN {some})"  # noqa: S608
              for some in listed]  # fmt: skip
    if person:
        probes.append(f"EXISTS (SELECT 1 FROM people_person p WHERE p.id = m.person_id AND {' AND '.join(person)})")  # noqa: S608
    few = (
        f"((SELECT COUNT(*) FROM holders) > {MOST_HOLDERS} OR {household} IN (SELECT m.household_id"  # noqa: S608
        " FROM people_member m WHERE m.until IS NULL AND m.person_id IN (SELECT person FROM holders)))"
    )
    # « Offset » keeps PostgreSQL from reading beforehand everybody who answers.
    many = (
        f"((SELECT COUNT(*) FROM holders) <= {MOST_HOLDERS} OR EXISTS (SELECT 1 FROM people_member m"  # noqa: S608
        f" WHERE m.household_id = {household} AND m.until IS NULL AND {' AND '.join(probes)} LIMIT 1 OFFSET 0))"
    )
    head = f"holders(person) AS MATERIALIZED ({holders} LIMIT {MOST_HOLDERS + 1})"
    return (head, words + held), (few, []), (many, words + held)


def _closeness(query: names.Query, match: "Match") -> float:
    return names.closeness(query.words, names.words_of(match.identity))


def _conditions(query: names.Query, territory_id: int) -> list[Q]:
    """Everything but the words."""
    conditions = [Q(territory_id=territory_id)]
    if query.phone:
        conditions.append(Q(phone=query.phone))
    if query.born:
        spans = [Q(birth_date__range=span) for span in query.born]
        conditions.append(reduce(or_, spans))
    return conditions


def _holding(group: Collection[str]) -> Exists:
    return Exists(PersonWord.objects.filter(person=OuterRef("pk"), word__in=group))


def _neighbours(asked: Sequence[str], *, completed: bool = False) -> list[set[str]]:
    """For each word, the known words that are the same or a slip away; `completed`: or that begin so. One query."""
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*_neighbours_sql(asked, completed=completed))
        return _grouped(asked, cursor.fetchall())


def neighbours_sql(query: names.Query) -> tuple[str, list[Any]]:
    """The statement whose rows `neighbours` takes, for who asks for something else by the same query."""
    return _neighbours_sql(query.words, completed=True)


def neighbours(query: names.Query, rows: Iterable[tuple[int, str]]) -> list[set[str]]:
    """For each word of a query, the known words that are near or begin so."""
    return _grouped(query.words, rows)


def _neighbours_sql(asked: Sequence[str], *, completed: bool) -> tuple[str, list[Any]]:
    """Written by hand: an agent who types waits for it, and building it would take longer than answering."""
    table, parts, parameters = connection.ops.quote_name(NameKey._meta.db_table), [], []
    for place, word in enumerate(asked):
        keys, slips = sorted(names.spellings(word)), names.slips(word + "x")
        parts.append(
            f"SELECT {place} AS place, word FROM {table} WHERE key IN ({', '.join(['%s'] * len(keys))})"  # noqa: S608
            f" AND LENGTH(word) BETWEEN {len(word) - slips} AND {len(word) + slips}"
        )
        parameters += keys
        if completed:
            starts, bounds = _starting(word)
            parts.append(
                f"SELECT * FROM (SELECT {place + len(asked)} AS place, word FROM {table} WHERE key = word"  # noqa: S608
                f" AND {starts} ORDER BY LENGTH(word), word LIMIT {MOST_COMPLETIONS}) AS c{place}"
            )
            parameters += bounds
    return " UNION ".join(parts), parameters


def _grouped(asked: Sequence[str], rows: Iterable[tuple[int, str]]) -> list[set[str]]:
    groups: list[set[str]] = [set() for _ in asked]
    met: list[list[str]] = [[] for _ in asked]
    for place, word in rows:
        if place < len(asked):
            met[place].append(word)
        else:
            groups[place - len(asked)].add(word)
    for group, word, some in zip(groups, asked, met, strict=True):
        group |= names.near_ones(word, some)
    return groups


def _starting(start: str) -> tuple[str, list[str]]:
    """The condition « begins so », in the form that each database answers from an index."""
    if connection.vendor == "postgresql":
        return "word LIKE %s", [start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"]
    return "word >= %s AND word < %s", [start, start + "\U0010ffff"]


def _held(groups: Sequence[Collection[str]]) -> list[int]:
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


def _holders(asked: Sequence[str], groups: Sequence[Collection[str]], held: Sequence[int]) -> dict[int, float]:
    """The latest people who hold a word of every group, and how close their words are. One query.

    Starts from the rarest word, and reads nothing but the index: names and rights come after, for the best only.
    """
    order = sorted(range(len(groups)), key=held.__getitem__)
    table = connection.ops.quote_name(PersonWord._meta.db_table)
    joins, wheres, parameters = [], [], []
    for rank, place in enumerate(order):
        group = sorted(groups[place])
        # Looked up by person, then compared: an index would be searched for each word of the group in turn.
        column = f"w{rank}.word" if len(group) == 1 or not rank else f"(w{rank}.word || '')"
        parameters.append(group)
        wheres.append(f"{column} IN ({', '.join(['%s'] * len(group))})")
        if rank:
            # SQLite takes them in this order, PostgreSQL in the order it likes.
            joins.append(f" CROSS JOIN {table} w{rank}")
            wheres.append(f"w{rank}.person_id = w0.person_id")
    columns = ", ".join(["w0.person_id", *(f"w{rank}.word" for rank in range(len(order)))])
    # « + 0 » keeps PostgreSQL from walking back through everybody to meet the few who match.
    latest = "w0.person_id" if len(parameters[0]) == 1 else "(w0.person_id + 0)"
    sql = (
        f"SELECT {columns} FROM {table} w0{''.join(joins)} WHERE {' AND '.join(wheres)}"  # noqa: S608
        f" ORDER BY {latest} DESC LIMIT {MOST_CANDIDATES}"
    )
    close = [{word: names.closeness([asked[place]], [word]) for word in groups[place]} for place in order]
    best: dict[int, float] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [word for group in parameters for word in group])
        for person, *held_words in cursor.fetchall():
            score = sum(known[word] for known, word in zip(close, held_words, strict=True))
            best[person] = max(score, best.get(person, 0.0))
    return best


def _best(candidates: dict[int, float], conditions: list[Q], households: Scope, limit: int) -> list["Match"]:
    """The closest people whom the caller may see, then the latest. One query, two when the first few are hidden."""
    ranked = sorted(candidates, key=lambda pk: (-candidates[pk], -pk))
    found: list[Match] = []
    size = READ_AT_A_TIME
    while ranked and len(found) < limit:
        some, ranked = ranked[:size], ranked[size:]
        place = {pk: at for at, pk in enumerate(some)}
        matches = matches_of(Person.objects.filter(*conditions, pk__in=some), households)
        found += sorted(matches, key=lambda match: place[match.person_id])
        size = MOST_CANDIDATES
    return found[:limit]


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
    """People of the territory who may be the one described, most alike first. Three queries, four without a day.

    Only people who hold a word of the surname (or a misspelling of it) AND were born on a day near enough, or on a day
    that nobody knows, or who have the telephone, are compared: the probes stay small with a million people.
    """
    surname, first = (
        names.words(identity.birth_name, identity.usage_name),
        names.words(*identity.first_names.split(), identity.first_names),
    )
    if territory_id is None:
        return []
    groups = _neighbours([*surname, *first])
    near = [set().union(*some) for some in (groups[: len(surname)], groups[len(surname) :])]
    near = [group for group in near if group]
    if not near:
        return []
    suspects = _suspects(identity, near, territory_id)
    people = Person.objects.filter(pk__in=suspects - set(without), territory_id=territory_id)
    found = [
        Double(**vars(match), similarity=similarity)
        for match in matches_of(people, None)
        if (similarity := doubles.similarity(identity, match.identity)).level != Level.NONE
    ]
    found.sort(key=lambda double: (-double.similarity.score, -double.person_id))
    return found[:limit]


def _suspects(identity: Identity, near: Sequence[set[str]], territory_id: int) -> set[int]:
    """People worth comparing: by their names and a day of birth near enough or unknown, or by their telephone."""
    probes: list[QuerySet[Any, Any]] = []
    if identity.birth_date is not None and not identity.birth_imprecise:
        named = PersonWord.objects.filter(word__in=near[0])
        probes.append(named.filter(born__in=doubles.birth_variants(identity.birth_date)).values_list("person"))
        undated = named.filter(born=None)
        for others in near[1:]:
            undated = undated.filter(Exists(PersonWord.objects.filter(person=OuterRef("person"), word__in=others)))
        probes.append(undated.values_list("person"))
    if phone := e164(identity.phone):
        probes.append(Person.objects.filter(phone=phone, territory_id=territory_id).values_list("pk"))
    found: set[int] = set()
    if probes:
        found = {pk for (pk,) in probes[0].union(*probes[1:])[:MOST_SUSPECTS]}
    if identity.birth_date is None or identity.birth_imprecise:
        found |= set(_holders([""] * len(near), near, _held(near))) if len(near) > 1 else set()
    return found
