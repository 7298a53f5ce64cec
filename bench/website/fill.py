"""`python -m bench.website.fill COUNT USERS`: fills an empty database with invented demands; prints what users need.

Rows are made here and sent by COPY (PostgreSQL) or in bulk (SQLite): the same rows that the pages would write, for a
tenth of the time. Registered files keep their snapshot; line-by-line scores are kept for the last 20,000.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from random import Random
from typing import Any
from uuid import UUID

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from bench.website.people import Names  # noqa: E402
from palier.accounts.models import User  # noqa: E402
from palier.common.clock import today  # noqa: E402
from palier.demand.content import Content  # noqa: E402
from palier.demand.life import year_start  # noqa: E402
from palier.demand.listing.traits import traits_of  # noqa: E402
from palier.demand.models import Demand, ScoreRecord, Snapshot, Trait  # noqa: E402
from palier.duties.models import Duty  # noqa: E402
from palier.people import lookup, names  # noqa: E402
from palier.people.models import Household, Member, NameKey, Person, PersonWord  # noqa: E402
from palier.territory.api import Place, current_territory, grant  # noqa: E402
from palier.territory.enums import Role  # noqa: E402

BATCH = 50_000
WITH_LINES = 20_000
FILLED = (Person, Household, Member, PersonWord, NameKey, Demand, Trait, Snapshot, ScoreRecord, Duty)
DEMO = 1_000
"""Numbers below this are left to the rows that the demonstration wrote."""


def main(count: int, users: int) -> None:
    """Migrate, load the territory and its demonstration, then add `count` demands, unless they are there already."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("demo", "--no-serve", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS banc (told text NOT NULL)")
        cursor.execute("SELECT told FROM banc")
        row = cursor.fetchone()
    told = json.loads(row[0]) if row else fill(count)
    json.dump({"users": list(sessions(users)), **told}, sys.stdout)


def fill(count: int) -> dict[str, Any]:
    """Write the demands; gives what users need to know of them, and keeps it for the next time."""
    filler = Filler(count)
    with transaction.atomic(), checked_at_the_end(*FILLED):
        filler.fill()
    with connection.cursor() as cursor:
        # What the server does by itself in the minutes after.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        if connection.vendor == "postgresql":
            # What the fill leaves to write would be written while pages are measured.
            cursor.execute("CHECKPOINT")
        lookup.count_usual_words()  # as the worker does within the hour
        cursor.execute("INSERT INTO banc VALUES (%s)", [json.dumps(filler.told())])
    return filler.told()


@contextmanager
def checked_at_the_end(*written: type[models.Model]) -> Iterator[None]:
    """PostgreSQL checks keys and builds indexes once for all, instead of at each row: minutes become seconds."""
    if connection.vendor != "postgresql":
        yield
        return
    tables = [model._meta.db_table for model in written]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
            " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
            " FROM pg_constraint WHERE contype IN ('f', 'u') AND conrelid::regclass::text = ANY(%s)"
            " ORDER BY contype DESC", [tables]
        )  # fmt: skip
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)"
            " FROM pg_index WHERE indrelid::regclass::text = ANY(%s) AND NOT EXISTS"
            " (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)", [tables]
        )  # fmt: skip
        indexes = cursor.fetchall()
        for drop, _ in [*reversed(constraints), *indexes]:
            cursor.execute(drop)
        yield
        for _, add in [*indexes, *constraints]:
            cursor.execute(add)


class Filler:
    """Draws households one after the other; every table is written from the same draw."""

    def __init__(self, count: int) -> None:
        self.count, self.on, self.random = count, today(), Random(11)
        self.names = Names(min(max(count // 5, 2_000), 200_000))
        territory = current_territory()
        assert territory is not None
        self.territory = territory
        self.places = desks()
        demo = Demand.objects.exclude(status="draft").order_by("pk")
        self.contents = [template(content) for content in demo.values_list("content", flat=True)]
        self.scores = list(ScoreRecord.objects.order_by("pk").values_list("data", "grid_version_id"))
        self.user = User.objects.order_by("pk").values_list("pk", flat=True)[0]
        self.people: list[tuple[str, str, date]] = []

    def fill(self) -> None:
        """Everything, by batches of demands."""
        words: set[str] = set()
        for start in range(0, self.count, BATCH):
            rows = [self.draw(DEMO + index) for index in range(start, min(start + BATCH, self.count))]
            self.write(rows, words)
        keys = ((word_key, word) for word in sorted(words) for word_key in sorted(names.spellings(word)))
        known = set(NameKey.objects.values_list("key", "word"))
        put(NameKey, ("key", "word"), (pair for pair in keys if pair not in known))
        for model in (Person, Household, Demand):
            restart(model)

    def draw(self, pk: int) -> dict[str, Any]:
        """One household: an applicant and their demand."""
        random = self.random
        surname, first = self.names.surname(), self.names.first_name()
        born = date(1940, 1, 1) + timedelta(days=random.randrange(24_000))
        filed = self.on - timedelta(days=int(random.expovariate(1 / 500)))
        content, traits = self.contents[pk % len(self.contents)]
        return {
            "pk": pk, "surname": surname, "first": first, "born": born, "filed": filed,
            "place": self.places[pk % len(self.places)].pk, "traits": traits,
            "content": content % {"surname": surname, "first": first, "born": born},
            "nud": f"062{filed:%m%y}{pk % 1_000_000:06d}P{pk // 1_000_000:04d}",
            "score": self.scores[pk % len(self.scores)],
        }  # fmt: skip

    def write(self, rows: Sequence[dict[str, Any]], words: set[str]) -> None:
        at, who, where = now(), self.user, self.territory.pk
        put(
            Person,
            ("id", "territory_id", "civility", "birth_name", "usage_name", "first_names", "birth_date",
             "birth_imprecise", "phone", "email", "created_at"),
            ((r["pk"], where, "", r["surname"], "", r["first"], r["born"], False, "", "", at) for r in rows),
        )  # fmt: skip
        put(
            Household,
            ("id", "territory_id", "place_id", "label", "protected", "version", "created_at"),
            ((r["pk"], where, r["place"], f"{r['surname'].upper()} {r['first']}", False, 1, at) for r in rows),
        )
        put(
            Member,
            ("household_id", "person_id", "role", "since", "until"),
            ((r["pk"], r["pk"], "applicant", r["filed"], None) for r in rows),
        )
        put(PersonWord, ("person_id", "word", "born"), self.words(rows, words))
        put(
            Demand,
            ("id", "territory_id", "household_id", "place_id", "status", "nud", "filed_on", "registered_on",
             "year_since", "struck_ground", "content", "changed", "declared", "verified", "form_token",
             "created_by_id", "created_at", "updated_at"),
            ((r["pk"], where, r["pk"], r["place"], "registered", r["nud"], r["filed"], r["filed"],
              year_start(r["filed"], self.on, 12), "", r["content"], False,
              r["score"][0]["declared"] or 0, r["score"][0]["verified"] or 0, UUID(int=r["pk"]), who, at, at)
             for r in rows),
        )  # fmt: skip
        put(
            Trait,
            ("demand_id", "place_id", "kind", "code"),
            ((r["pk"], r["place"], *trait) for r in rows for trait in r["traits"]),
        )
        put(
            Snapshot,
            ("id", "demand_id", "number", "taken_on", "source", "cerfa_version", "content", "taken_by_id", "taken_at"),
            ((r["pk"], r["pk"], 1, r["filed"], "registration", "14069*05", r["content"], who, at) for r in rows),
        )
        put(
            ScoreRecord,
            ("demand_id", "snapshot_id", "grid_version_id", "computed_on", "declared", "verified", "data"),
            ((r["pk"], r["pk"], r["score"][1], r["filed"], r["score"][0]["declared"] or 0,
              r["score"][0]["verified"] or 0, json.dumps(r["score"][0]))
             for r in rows if r["pk"] >= DEMO + self.count - WITH_LINES),
        )  # fmt: skip
        put(
            Duty,
            ("kind", "subject_type", "subject_id", "household_id", "place_id", "since", "due", "settled_on", "outcome",
             "missed_on"),
            (("reception", "demand", r["pk"], r["pk"], r["place"], r["filed"], r["filed"] + timedelta(days=30),
              r["filed"] + timedelta(days=12) if r["pk"] % 50 else None, "received" if r["pk"] % 50 else "", None)
             for r in rows),
        )  # fmt: skip
        self.people += [(r["surname"], r["first"], r["born"]) for r in rows[:: max(1, self.count // 5_000)]]

    def words(self, rows: Sequence[dict[str, Any]], seen: set[str]) -> Iterator[tuple[int, str, date]]:
        for row in rows:
            for word in names.words(row["surname"], row["first"]):
                seen.add(word)
                yield row["pk"], word, row["born"]

    def told(self) -> dict[str, Any]:
        """Some people who exist, and which numbers have a file with its lines."""
        return {
            "people": [(surname, first, born.isoformat()) for surname, first, born in self.people],
            "files": [DEMO + self.count - min(WITH_LINES, self.count), DEMO + self.count - 1],
            "cookie_name": settings.SESSION_COOKIE_NAME,
        }


def template(content: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """A content whose applicant is to be named, as JSON, and what lists filter on."""
    traits = sorted(traits_of(Content.model_validate(content)))
    named = {"birth_name": "<surname>", "usage_name": "", "first_names": "<first>", "birth_date": "<born>"}
    text = json.dumps({**content, "identite": {**content["identite"], **named}}, ensure_ascii=False)
    text = re.sub("<(surname|first|born)>", r"%(\1)s", text.replace("%", "%%"))
    return text, traits


def put(model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows as they are, the fastest way of each database."""
    table, listed = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        adapted = ((value.hex if isinstance(value, UUID) else value for value in row) for row in rows)
        cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", [tuple(row) for row in adapted])


def restart(model: type[models.Model]) -> None:
    """Let the numbers that the pages will give come after ours."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = model._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def desks() -> list[Place]:
    """The places that follow demands, in a fixed order."""
    territory = current_territory()
    assert territory is not None
    return list(Place.objects.filter(territory=territory, level=2).order_by("pk"))


def sessions(users: int) -> Iterator[dict[str, Any]]:
    """Agents of level 2 desks, each already logged in with a second factor."""
    from importlib import import_module
    from time import time

    store, places = import_module(settings.SESSION_ENGINE).SessionStore, desks()
    for index in range(users):
        place, email = places[index % len(places)], f"banc{index}@exemple.invalid"
        user, fresh = User.objects.get_or_create(email=email, defaults={"name": f"Banc Factice {index}"})
        if fresh:
            grant(user.pk, place.organisation, place, Role.REGISTRAR, today())
        session = store()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session["second_factor"] = user.pk
        session["since"] = session["seen"] = int(time())
        session.save()
        # Demands are dealt to the places in turn: those of this one are `rest` modulo `places`.
        yield {"cookie": session.session_key, "rest": index % len(places), "places": len(places)}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
