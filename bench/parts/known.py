"""`python -m bench.parts.known COUNT ASKED`: fills an empty database with invented people, then looks for some of them.

Prints, as JSON, how long a search with a slip takes in the database, how long the check of doubles takes while typing,
and how many of those looked for were found.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from time import perf_counter, process_time
from typing import Any

import django

django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from bench.population import Population, named, population, slip  # noqa: E402
from bench.website.fill import checked_at_the_end, put  # noqa: E402
from palier.common.clock import now  # noqa: E402
from palier.people import lookup, names  # noqa: E402
from palier.people.api import Identity, find, probable_doubles  # noqa: E402
from palier.people.models import NameKey, Person, PersonWord  # noqa: E402
from palier.territory.models import Territory  # noqa: E402

BATCH = 200_000


def main(count: int, asked: int) -> None:
    """Everybody but the second description of those described twice is known."""
    call_command("migrate", verbosity=0, interactive=False)
    people = population(count)
    known = count - len(people.pairs)
    with transaction.atomic(), checked_at_the_end(Person, PersonWord, NameKey):
        territory = Territory.objects.create(siren="900000009", name="Territoire d’Exemple", short_name="Exemple")
        vocabulary = fill(people, known, territory.pk)
    with connection.cursor() as cursor:
        # What the server does by itself in the minutes after.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    # What the worker does within the hour.
    lookup.count_usual_words()
    document = {
        "vendor": connection.vendor,
        "people": known,
        "vocabulary": vocabulary,
        "search": search(people, known, asked, territory.pk),
        "typing": typing(people, asked, territory.pk),
    }
    json.dump(document, sys.stdout)


def identity(people: Population, row: int) -> Identity:
    born = int(people.born[row])
    day = date(born // 10_000, born // 100 % 100, born % 100) if born else None
    return Identity(
        people.birth_names[row], people.first_names[row], people.usage_names[row], people.civility[row], day,
        phone=people.phones[row],
    )  # fmt: skip


def fill(people: Population, known: int, territory: int) -> int:
    """Write the people, their words and the spellings of those; gives how many words there are."""
    at, vocabulary = now(), {word for name in named("all")[0] for word in names.words(name)}
    for start in range(0, known, BATCH):
        rows = [(row, identity(people, row)) for row in range(start, min(start + BATCH, known))]
        put(
            Person,
            ("id", "territory_id", "civility", "birth_name", "usage_name", "first_names", "birth_date",
             "birth_imprecise", "phone", "email", "created_at"),
            ((row + 1, territory, one.civility, one.birth_name, one.usage_name, one.first_names, one.birth_date, False,
              one.phone, "", at) for row, one in rows),
        )  # fmt: skip
        held = [(row + 1, word, one.birth_date) for row, one in rows for word in names.words_of(one)]
        vocabulary.update(word for _, word, _ in held)
        put(PersonWord, ("person_id", "word", "born"), held)
    put(NameKey, ("key", "word"), ((key, word) for word in sorted(vocabulary) for key in sorted(names.spellings(word))))
    return len(vocabulary)


@contextmanager
def database_time() -> Iterator[list[float]]:
    """Milliseconds spent in the database, query by query."""
    spent: list[float] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        before = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append((perf_counter() - before) * 1000)

    with connection.execute_wrapper(timed):
        yield spent


def search(people: Population, known: int, asked: int, territory: int) -> dict[str, Any]:
    """« Kowalzcyk test »: the surname with one slip, and the first name. Found when that name is among the first 20."""
    draw = np.random.default_rng(3)
    times, whole, busy, queries, found, missed = [], [], [], [], 0, []
    for row in draw.integers(0, known, asked).tolist():
        surname, first = people.birth_names[row], people.first_names[row]
        typed = f"{slip(draw, surname, once=True)} {first}"
        before, work = perf_counter(), process_time()
        with database_time() as spent:
            matches = find(typed, territory_id=territory, limit=20).matches
        whole.append((perf_counter() - before) * 1000)
        busy.append((process_time() - work) * 1000)
        hit = any((m.identity.birth_name, m.identity.first_names) == (surname, first) for m in matches)
        times.append(sum(spent))
        queries.append(len(spent))
        found += hit
        if not hit:
            missed.append((surname, typed))
    return {
        "times": times, "whole": whole, "busy": busy, "queries": max(queries), "recall": found / asked,
        "missed": missed[:20],
    }  # fmt: skip


def typing(people: Population, asked: int, territory: int) -> dict[str, Any]:
    """The second description of somebody known, as an agent types it."""
    draw = np.random.default_rng(5)
    pairs = list(people.pairs.items())
    times, database, queries, found, missed, busy = [], [], [], 0, [], []
    for place in draw.choice(len(pairs), min(asked, len(pairs)), replace=False).tolist():
        (first, second), kind = pairs[place]
        typed = identity(people, second)
        before, work = perf_counter(), process_time()
        with database_time() as spent:
            doubles = probable_doubles(typed, territory)
        times.append((perf_counter() - before) * 1000)
        busy.append((process_time() - work) * 1000)
        database.append(sum(spent))
        queries.append(len(spent))
        hit = any(double.person_id == first + 1 for double in doubles)
        found += hit
        if not hit:
            missed.append((kind, vars(identity(people, first)), vars(typed)))
    return {
        "times": times,
        "database": database,
        "busy": busy,
        "queries": max(queries),
        "recall": found / len(times),
        "missed": json.loads(json.dumps(missed[:20], default=str)),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
