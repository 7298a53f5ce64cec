"""The statements of the search box and of the check of doubles, written by hand: an agent who types waits for them.

Neither database guesses how many people hold a group of words, so both are told where to start. `usual_words` knows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from palier.common import written
from palier.people import names
from palier.people.models import UsualWord

MOST_COMPLETIONS = 100
# People who hold the words, before rights and ranking.
MOST_CANDIDATES = 500
# People who hold a word that is not among the usual ones, on average.
RARE = 8
# Finding a person by number takes as long as walking past this many people in the index of words.
PROBE = 25
FEW = 150
# The same, for finding the people who hold a word and were born on a day.
DESCENT = 6
KEPT_SECONDS = 600

# Known words, each with how close it is to the word asked: 0 to 10,000.
Group: TypeAlias = dict[str, int]


class Chosen(NamedTuple):
    """Households as the statement that gives their numbers, for who has it written already."""

    sql: str
    values: Sequence[Any]


Scope: TypeAlias = "QuerySet[Any, Any] | Collection[int] | None"
Seen: TypeAlias = "QuerySet[Any, Any] | Collection[int] | Chosen | None"
Condition: TypeAlias = tuple[str, list[Any]]

# « Begins so », in the form that each database answers from an index whatever the language it sorts for.
_BOUNDS = {"postgresql": ("~>=~", "~<~"), "sqlite": (">=", "<")}
_REFRESH = """
INSERT INTO people_usualword (word, held)
SELECT word, COUNT(*) FROM people_personword GROUP BY word HAVING COUNT(*) >= 100
"""


def count_usual_words() -> None:
    """Periodic: which words a hundred people or more hold, and how many. Only speed depends on it."""
    with transaction.atomic(), connection.cursor() as cursor:
        UsualWord.objects.all().delete()
        cursor.execute(_REFRESH)
    usual_words.cache_clear()


@lru_cache(maxsize=1)
def usual_words(turn: int) -> Mapping[str, int]:
    """How many people hold each word that many hold, as counted lately; read again every ten minutes."""
    return dict(UsualWord.objects.values_list("word", "held"))


def weight(group: Collection[str]) -> int:
    """How many people hold a word of a group, about."""
    held = _usual()
    return sum(held.get(word, RARE) for word in group)


def at_most(groups: Sequence[Collection[str]]) -> int:
    """How many people hold a word of every group, hardly more: as if words met as often as with the most usual one."""
    weights = sorted(map(weight, groups))
    return weights[0] if len(groups) == 1 else weights[0] * weights[1] // max(weights[1], *_usual().values(), RARE)


def _usual() -> Mapping[str, int]:
    return usual_words(int(monotonic()) // KEPT_SECONDS)


def neighbours(asked: Sequence[str], *, completed: bool = False) -> dict[str, Group]:
    """For each word, the known words that are the same or a slip away; `completed`: or that begin so. One statement."""
    if not asked:
        return {}
    rows = _rows(*words_near(asked, completed=completed), kept=True)
    return dict(zip(asked, grouped(asked, rows), strict=True))


def words_near(asked: Sequence[str], *, completed: bool) -> Condition:
    """The statement that gives known words by the place of the word asked, beginnings after all the others."""
    parts: list[str] = []
    values: list[Any] = []
    after, before = _BOUNDS[connection.vendor]
    for place, word in enumerate(asked):
        (keyed, keys), slips = _among("key", sorted(names.spellings(word))), names.slips(word + "x")
        parts.append(
            f"SELECT {place} AS place, word FROM people_namekey WHERE {keyed}"  # noqa: S608
            " AND LENGTH(word) BETWEEN %s AND %s"
        )
        values += [*keys, len(word) - slips, len(word) + slips]
        if completed:
            parts.append(
                f"SELECT * FROM (SELECT {place + len(asked)} AS place, word FROM people_namekey WHERE key = word"  # noqa: S608
                f" AND word {after} %s AND word {before} %s"
                f" ORDER BY LENGTH(word), word LIMIT {MOST_COMPLETIONS}) AS c{place}"
            )
            values += [word, word + "\U0010ffff"]
    return " UNION ALL ".join(parts), values


def grouped(asked: Sequence[str], rows: Iterable[tuple[int, str]]) -> list[Group]:
    """The words of each group, with how close they are, from the rows of `words_near`."""
    near: list[set[str]] = [set() for _ in asked]
    begun: list[set[str]] = [set() for _ in asked]
    both = near + begun
    for place, word in rows:
        both[place].add(word)
    return [
        {one: round(100 * names.close(word, one)) for one in begin | names.near_ones(word, list(met))}
        for word, met, begin in zip(asked, near, begun, strict=True)
    ]


def _rows(sql: str, values: Sequence[Any], *, kept: bool) -> list[tuple[Any, ...]]:
    """The answer to a statement. One that is `kept` is prepared: PostgreSQL would take longer to plan than to answer.

    Those must be few: what changes from one time to the next is among their values, never in their text.
    """
    with written.cursor() if kept else connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _among(column: str, values: Collection[Any]) -> Condition:
    """« column is one of these », in the form that each database reads quickest."""
    if len(values) == 1:
        return f"{column} = %s", list(values)
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [list(values)]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)


def _checked(column: str, values: Collection[str]) -> Condition:
    """The same, of rows found otherwise: an index would be searched for each value in turn."""
    if connection.vendor == "postgresql":
        return f"({column} IN (SELECT unnest(%s::text[]))) IS TRUE", [list(values)]
    return _among(column if len(values) == 1 else f"({column} || '')", values)


def _closeness(column: str, group: Group) -> Condition:
    """How close the word of a column is to the word asked."""
    if connection.vendor == "postgresql":
        return f"(%s::int[])[array_position(%s::text[], {column})]", [list(group.values()), list(group)]
    cases = " ".join(["WHEN %s THEN %s"] * len(group))
    return f"CASE {column} {cases} END", [value for pair in group.items() for value in pair]


def _holding(groups: Sequence[Group]) -> Condition:
    """The latest people who hold a word of every group, with how close their words are.

    Starts from the rarest words, and reads nothing but the indexes.
    """
    order = sorted(groups, key=weight)
    few, many = weight(order[0]), weight(order[min(1, len(order) - 1)])
    # Few people are looked up one by one; past that, it is quicker to read those of the two rarest groups.
    postgresql = connection.vendor == "postgresql"
    both = postgresql and len(order) > 1 and few > FEW and many < PROBE * few
    # The people who hold one word are in order: two such lists are merged, from the latest.
    merged = both and len(order[0]) == len(order[1]) == 1
    if both and not merged:
        order[:2] = order[1], order[0]
    tables, wheres = [_named("w0", order[0], merged=merged)], []
    for rank, group in enumerate(order[1:], 1):
        if merged and rank == 1:
            tables.append(_named("w1", group, merged=True))
        else:
            tables.append((f"people_personword w{rank}", []))
        wheres.append(_checked(f"w{rank}.word", group))
        wheres.append((f"w{rank}.person_id = w0.person_id", []))
    if both and not merged:
        sql, values = _named("few", order[1])
        # « IS TRUE » has PostgreSQL keep the few in memory, and not look each one up.
        wheres.append((f"(w0.person_id IN (SELECT few.person_id FROM {sql})) IS TRUE", values))  # noqa: S608
    # « + 0 » keeps PostgreSQL from walking back through everybody to meet the few who match.
    latest = "w0.person_id" if merged or not postgresql else "(w0.person_id + 0)"
    if postgresql and len(order) == 1:
        tables = [_latest("w0", order[0])]
    scores = [_closeness(f"word{rank}", group) for rank, group in enumerate(order)]
    held = (
        f"SELECT w0.person_id, {', '.join(f'w{rank}.word AS word{rank}' for rank in range(len(order)))}"  # noqa: S608
        f" FROM {' CROSS JOIN '.join(sql for sql, _ in tables)}"
        f"{' WHERE ' if wheres else ''}{' AND '.join(sql for sql, _ in wheres)}"
        f" ORDER BY {latest} DESC LIMIT {MOST_CANDIDATES}"
    )
    return (
        f"SELECT person_id AS pk, {' + '.join(sql for sql, _ in scores)} AS score FROM ({held}) AS held",  # noqa: S608
        [value for _, values in (*scores, *tables, *wheres) for value in values],
    )


def _named(alias: str, group: Collection[str], *, dated: bool = False, merged: bool = False) -> Condition:
    """Those who hold a word of a group, as a table; `merged`: of a single word, in order."""
    source, (where, values) = "people_personword h", _among("h.word", group)
    if connection.vendor == "postgresql":
        # « (SELECT …) » hides how frequent words are: PostgreSQL then plans once, and reads in the order given here.
        source, where = "unnest((SELECT %s::text[])) AS g(word), people_personword h", "h.word = g.word"
        values = [list(group)]
        if merged:
            source, where, values = "people_personword h", "h.word = (SELECT %s::text)", list(group)
    return f"(SELECT h.person_id, h.word{', h.born' * dated} FROM {source} WHERE {where}) AS {alias}", values  # noqa: S608


def _latest(alias: str, group: Collection[str]) -> Condition:
    """The latest who hold a word of a group, as a table: word by word, so that a frequent one is not walked whole."""
    return (
        "(SELECT l.person_id, g.word FROM unnest((SELECT %s::text[])) AS g(word) CROSS JOIN LATERAL"  # noqa: S608
        " (SELECT h.person_id FROM people_personword h WHERE h.word = g.word"
        f" ORDER BY h.person_id DESC LIMIT {MOST_CANDIDATES}) AS l) AS {alias}"
    ), [list(group)]


def closest(tried: Sequence[Sequence[Group]], size: int) -> Condition:
    """The closest people who hold a word of every group of one of `tried`, then the latest: `size` at most."""
    branches = [_holding(groups) for groups in tried]
    return (
        f"SELECT pk, MAX(score) AS score FROM ({' UNION ALL '.join(sql for sql, _ in branches)}) AS every"  # noqa: S608
        f" GROUP BY pk ORDER BY 2 DESC, 1 DESC LIMIT {size}"
    ), [value for _, some in branches for value in some]


def alike(groups: Sequence[Collection[str]], days: Sequence[date]) -> Condition:
    """People who hold a word of the first group and were born on one of these days, or on a day that nobody knows.

    The latter hold a word of every group.
    """
    also: list[str] = ["w.born IS NULL"]
    others: list[Any] = []
    for group in groups[1:]:
        where, some = _checked("o.word", group)
        also.append(f"EXISTS (SELECT 1 FROM people_personword o WHERE o.person_id = w.person_id AND {where})")  # noqa: S608
        others += some
    undated = " AND ".join(also)
    # The days of a word that many hold are looked up one by one; past those who hold another one, walking is quicker.
    usual = [word for word in groups[0] if weight([word]) > DESCENT * len(days)]
    rare = [word for word in groups[0] if word not in usual]
    parts: list[str] = []
    values: list[Any] = []
    if rare:
        held, some = _named("w", rare, dated=True)
        dated, born = _among("w.born", days)
        parts.append(f"SELECT w.person_id, 0 FROM {held} WHERE {dated} OR ({undated})")  # noqa: S608
        values += [*some, *born, *others]
    if usual:
        held, some = _named("w", usual, dated=True)
        precise, both = _born(usual, days)
        parts += [precise, f"SELECT w.person_id, 0 FROM {held} WHERE {undated}"]  # noqa: S608
        values += [*both, *some, *others]
    return " UNION ".join(parts), values


def _born(group: Collection[str], days: Sequence[date]) -> Condition:
    """Those who hold a word of a group and were born on one of these days."""
    if connection.vendor == "postgresql":
        return (
            "SELECT h.person_id, 0 FROM unnest(%s::text[]) AS g(word), unnest(%s::date[]) AS d(day),"
            " people_personword h WHERE h.word = g.word AND h.born = d.day"
        ), [list(group), list(days)]
    (named, words), (dated, born) = _among("word", group), _among("born", days)
    return f"SELECT person_id, 0 FROM people_personword WHERE {named} AND {dated}", [*words, *born]  # noqa: S608


_ROW = (
    "p.id, p.birth_name, p.first_names, p.usage_name, p.civility, p.birth_date, p.birth_imprecise, p.phone, p.email,"
    " m.household_id, h.label, h.place_id, l.name, l.organisation_id, o.name, m.until, best.score"
)
_WIDTH = _ROW.count(",") + 1


def read(
    source: Condition, households: Seen, conditions: Sequence[Condition] = (), *, kept: bool
) -> tuple[list[tuple[Any, ...]], int]:
    """People named by `source`, one row for each of their households that the caller may see; how many were named.

    Of the people, those who meet the conditions; of people without household, those only that anybody may see.
    """
    kind, where, values = "LEFT JOIN", ["1 = 1"], list(source[1])
    for condition, some in conditions:
        where.append(condition)
        values += some
    if households is not None:
        try:
            seen, some = _scope(households)
        except EmptyResultSet:
            return [], 0
        kind, where, values = "JOIN", [*where, seen], [*values, *some]
    sql = (
        f"WITH best(pk, score) AS MATERIALIZED ({source[0]}) SELECT {_ROW} FROM best"  # noqa: S608
        f" CROSS JOIN people_person p {kind} people_member m ON m.person_id = p.id"
        f" {kind} people_household h ON h.id = m.household_id"
        f" {kind} territory_place l ON l.id = h.place_id {kind} territory_organisation o ON o.id = l.organisation_id"
        f" WHERE p.id = best.pk AND {' AND '.join(where)}"
        f" UNION ALL SELECT COUNT(*){', NULL' * (_WIDTH - 1)} FROM best"
    )
    rows = _rows(sql, values, kept=kept)
    count = next(row[0] for row in rows if row[1] is None)
    return [row for row in rows if row[1] is not None], count


def _scope(households: "QuerySet[Any, Any] | Collection[int] | Chosen") -> Condition:
    """« m.household_id is one of these »."""
    if isinstance(households, Chosen):
        return f"m.household_id IN ({households.sql})", list(households.values)
    if not isinstance(households, QuerySet):
        if not households:
            raise EmptyResultSet
        return _among("m.household_id", households)
    chosen = households if households.query.has_select_fields else households.values("pk")
    sql, values = chosen.query.sql_with_params()
    return f"m.household_id IN ({sql})", list(values)


def chosen(people: "QuerySet[Any, Any]") -> Condition:
    """The numbers of a restricted queryset, as a source of `read`."""
    sql, values = people.values_list("pk").query.sql_with_params()
    return f"SELECT *, 0 FROM ({sql}) AS people", list(values)  # noqa: S608
