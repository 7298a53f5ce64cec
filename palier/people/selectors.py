"""Finding people. At most four queries, whatever the number of rows; nothing is counted that is not shown.

Rights are the caller's: `households` restricts a search to what the actor may see.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, OuterRef, Q, QuerySet

from palier.people import doubles, lookup, names
from palier.people.doubles import Level, Similarity
from palier.people.lookup import MOST_CANDIDATES, Condition, Group, Seen
from palier.people.models import Person, PersonWord
from palier.people.rules import Identity, e164

# Past this many people who hold its rarest word, a search first takes the words that are names as they are.
FREQUENT = 300
# People who may hold the very words: as many suffice, and their neighbours are not looked for.
ENOUGH = 20
READ_AT_A_TIME = 30
MOST_SUSPECTS = 1000
# Past this many people, the households of a list are asked one by one: one in a hundred of a million, met soon enough.
MOST_HOLDERS = 10_000


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


def find(typed: str, *, territory_id: int, households: Seen = None, limit: int = 20) -> Found:
    """People who answer ALL of what was typed in the search box (`names.parse`), best first.

    Words match whole, by their beginning, or with a typo; at equal closeness the latest person comes first. People who
    hold the very words are looked for first, so that a frequent name is never drowned by its neighbours. A number such
    as a NUD (`Found.query.identifier`) finds nobody here: the context that keeps it looks for it.
    """
    query = names.parse(typed)
    if not query or query.identifier:
        return Found(query)
    # « Lee Barbier » for Le Barbier: a short word forgives nothing by itself, and is found once joined to the next.
    joined = names.joined(query.words)
    near = lookup.neighbours(list(dict.fromkeys((*query.words, *joined))), completed=True)
    found = _find(query, near, territory_id, households, limit)
    if not found.matches and joined:
        found = _find(replace(query, words=joined), near, territory_id, households, limit)
    return replace(found, query=query)


def _find(query: names.Query, near: Mapping[str, Group], territory_id: int, households: Seen, limit: int) -> Found:
    groups = [near[word] for word in query.words]
    if not all(groups):
        return Found(query)
    # A day of birth or a telephone is rarer than any name: start from it, and only check the words.
    if query.phone or not groups or any(first == last for first, last in query.born):
        people = Person.objects.filter(*_conditions(query, territory_id), *map(_holding, groups)).order_by("-pk")
        matches = matches_of(people[:MOST_CANDIDATES], households)
        ranked = sorted(matches, key=lambda match: (-_closeness(query, match), -match.person_id))
        return Found(query, tuple(ranked[:limit]), more=len(ranked) > limit)
    where: list[Condition] = [("p.territory_id = %s", [territory_id])]
    if query.born:
        spans = " OR ".join(["p.birth_date BETWEEN %s AND %s"] * len(query.born))
        where.append((f"({spans})", [day for span in query.born for day in span]))
    known = all(word in group for word, group in zip(query.words, groups, strict=True))
    found: dict[int, Match] = {}
    stages, size = _stages(query.words, groups), max(READ_AT_A_TIME, limit + 1)
    while stages:
        stage, *stages = stages
        rows, count = lookup.read(lookup.closest(stage, size), households, where, kept=True)
        # The score comes last.
        rows.sort(key=lambda row: (-row[-1], -row[0]))
        for match in _matches(rows):
            found.setdefault(match.person_id, match)
        crowded = count == size
        # A word that is no name was the mistake.
        if len(found) > limit or (found and not known and not crowded):
            break
        # People who may not be seen took the place of others.
        if crowded and 4 * size <= MOST_CANDIDATES:
            stages, size = stages or [stage], 4 * size
    return Found(query, tuple(found.values())[:limit], more=len(found) > limit)


def _stages(asked: Sequence[str], groups: Sequence[Group]) -> list[list[Sequence[Group]]]:
    """What to try in turn, each time in one statement.

    Everything near is tried at once when the rarest word is rare, else first the words that are names as they are.
    """
    known = [word in group for word, group in zip(asked, groups, strict=True)]
    if min(map(lookup.weight, groups)) < FREQUENT or not any(known):
        return [[groups]]
    exact = [{word: group[word]} if right else group for word, right, group in zip(asked, known, groups, strict=True)]
    if not all(known):
        return [[exact], [exact, groups]]
    # One of them may be the mistake, and the others not.
    near: list[Sequence[Group]] = [[*exact[:at], group, *exact[at + 1 :]] for at, group in enumerate(groups)]
    if lookup.at_most(exact) >= ENOUGH:
        return [[exact], [exact, *near]]
    # Those who hold the very words are among these, unless a crowd of later ones hides them.
    return [[exact, *near] if max(map(lookup.at_most, near)) > MOST_CANDIDATES else near]


def answering(
    query: names.Query, territory_id: int, groups: Sequence[Collection[str]], household: str
) -> tuple[Condition, Condition, Condition]:
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


def neighbours_sql(query: names.Query) -> Condition:
    """The statement whose rows `neighbours` takes, for who asks for something else by the same query."""
    return lookup.words_near(query.words, completed=True)


def neighbours(query: names.Query, rows: Iterable[tuple[int, str]]) -> list[set[str]]:
    """For each word of a query, the known words that are near or begin so."""
    return [set(group) for group in lookup.grouped(query.words, rows)]


_IDENTITY = (
    "birth_name", "first_names", "usage_name", "civility", "birth_date", "birth_imprecise", "phone", "email",
)  # fmt: skip


def matches_of(people: QuerySet[Person], households: Seen) -> list[Match]:
    """People with the household where they are or were last, among those that the caller may see. One query."""
    try:
        source = lookup.chosen(people)
    except EmptyResultSet:
        return []
    return _matches(lookup.read(source, households, kept=False)[0])


def _matches(rows: Iterable[tuple[Any, ...]]) -> list[Match]:
    """One match for each person in rows of `lookup.read`, in their order."""
    last: dict[int, tuple[Any, ...]] = {}
    for row in rows:
        kept = last.get(row[0])
        # A membership that has not ended wins; failing that, the one that ended last.
        if kept is None or (kept[-2] is not None and (row[-2] is None or row[-2] > kept[-2])):
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
    """People of the territory who may be the one described, most alike first. Two queries.

    Only people who hold a word of the surname (or a misspelling of it) AND were born on a day near enough, or on a day
    that nobody knows, or who have the telephone, are compared: the probes stay small with a million people.
    """
    surname, first = (
        names.words(identity.birth_name, identity.usage_name),
        names.words(*identity.first_names.split(), identity.first_names),
    )
    if territory_id is None:
        return []
    known = lookup.neighbours(list(dict.fromkeys([*surname, *first])))
    near = [{one: 0 for word in some for one in known[word]} for some in (surname, first)]
    near = [group for group in near if group]
    if not near:
        return []
    suspects = _suspects(identity, near, territory_id)
    if suspects is None:
        return []
    rows, _ = lookup.read(suspects, None, [("p.territory_id = %s", [territory_id])], kept=True)
    found = [
        Double(**vars(match), similarity=similarity)
        for match in _matches(rows)
        if match.person_id not in without
        and (similarity := doubles.similarity(identity, match.identity)).level != Level.NONE
    ]
    found.sort(key=lambda double: (-double.similarity.score, -double.person_id))
    return found[:limit]


def _suspects(identity: Identity, near: Sequence[Group], territory_id: int) -> Condition | None:
    """People worth comparing: by their names and a day of birth near enough or unknown, or by their telephone."""
    probes: list[Condition] = []
    if identity.birth_date is not None and not identity.birth_imprecise:
        probes.append(lookup.alike(near, doubles.birth_variants(identity.birth_date)))
    elif len(near) > 1:
        probes.append(lookup.closest([near], MOST_CANDIDATES))
    if phone := e164(identity.phone):
        probes.append(("SELECT id, 0 FROM people_person WHERE phone = %s AND territory_id = %s", [phone, territory_id]))
    if not probes:
        return None
    sql = " UNION ".join(f"SELECT * FROM ({sql}) AS probe{place}" for place, (sql, _) in enumerate(probes))  # noqa: S608
    return f"{sql} LIMIT {MOST_SUSPECTS}", [value for _, some in probes for value in some]
