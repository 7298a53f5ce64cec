"""`python -m bench.parts.exchange ROWS MADE PEER PAGES`: imports invented files into an empty database, by usual acts.

Prints, as JSON, how long ROWS take to be checked and kept, and MADE rows kept to become demands, with the memory of
this process; then how long PEER rows take to Palier and to django-import-export, and PAGES demands to the acts of the
pages, one by one.
"""

import csv
import json
import resource
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench.website.people import Names  # noqa: E402
from palier.accounts.models import User  # noqa: E402
from palier.common import queue  # noqa: E402
from palier.common.actor import Actor  # noqa: E402
from palier.common.clock import today  # noqa: E402
from palier.demand import services as acts  # noqa: E402
from palier.demand.content import RUBRICS, Identity  # noqa: E402
from palier.demand.enums import Section  # noqa: E402
from palier.demand.exchange import services  # noqa: E402
from palier.demand.exchange.models import DemandImport  # noqa: E402
from palier.demand.models import Demand, Snapshot  # noqa: E402
from palier.territory.api import Place, actor_of, current_memberships, grant  # noqa: E402
from palier.territory.enums import OrganisationKind, Role  # noqa: E402
from palier.territory.models import Commune, Organisation, Territory  # noqa: E402

TITLES = (
    "numUnique", "dateCreationDemande", "civilite", "nomPatronymique", "nom", "prenom", "dateNaissance",
    "situationFamiliale", "telPortable", "adresse", "codePostal", "ville", "montantMoins2", "modeleLogement", "motif",
    "typeLogement", "demandeElargie",
)  # fmt: skip
WRONG = 0.005


def main(rows: int, made: int, peer_rows: int, pages: int) -> None:
    """Check and keep, make demands, then what others take."""
    call_command("migrate", verbosity=0, interactive=False)
    actor = desk()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    work = added(actor, rows)
    seconds = {"check": checked(actor, work)}
    told, kept = told_lines(work), work.rows.count()
    whole = len(told) == work.refused and kept == work.accepted == rows - work.refused
    services.delete(actor, work)
    work = added(actor, made)
    checked(actor, work)
    started = perf_counter()
    services.start_writing(actor, work)
    queue.run_all()
    seconds["write"] = perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    work.refresh_from_db()
    whole = whole and Demand.objects.count() == Snapshot.objects.count() == work.created == made - work.refused
    document = {
        "vendor": connection.vendor, "rows": rows, "kept": kept, "refused": len(told), "made": made,
        "failure": work.failure, "seconds": seconds, "megabytes": megabytes, "whole": whole,
        "peer": beside(actor, peer_rows), "pages": by_pages(actor, pages) / pages, "pragmas": pragmas(),
    }  # fmt: skip
    json.dump(document, sys.stdout)


def pragmas() -> dict[str, str]:
    """What makes a write durable, and costs."""
    if connection.vendor != "postgresql":
        return {}
    found = {}
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "shared_buffers"):
            cursor.execute(f"SHOW {name}")
            found[name] = cursor.fetchone()[0]
    return found


def added(actor: Actor, rows: int) -> DemandImport:
    """An import of a new file of that many rows."""
    work = services.add_file(actor, SimpleUploadedFile("sne.csv", b";".join(t.encode() for t in TITLES)), today())
    file(services.path_of(work), rows)
    return work


def checked(actor: Actor, work: DemandImport) -> float:
    """Seconds to read and check the whole file, keep its rows and write its faults."""
    started = perf_counter()
    services.set_columns(actor, work, services.columns_of(work))
    queue.run_all()
    seconds = perf_counter() - started
    work.refresh_from_db()
    return seconds


def told_lines(work: DemandImport) -> set[int]:
    """The lines that the file of faults refuses."""
    with services.faults_path(work).open(encoding="utf-8-sig", newline="") as stream:
        return {int(row[0]) for row in list(csv.reader(stream, delimiter=";"))[1:]}


def beside(actor: Actor, rows: int) -> dict[str, Any]:
    """Palier and django-import-export on one file, in turn: A B B A."""
    from bench.parts.exchange_peer import bring

    work, times = added(actor, rows), {"palier": 0.0, "peer": 0.0}
    refused: dict[str, set[int]] = {}
    for name in ("palier", "peer", "peer", "palier"):
        work.rows.all().delete()
        if name == "palier":
            times[name] += checked(actor, work)
            refused[name] = told_lines(work)
        else:
            started = perf_counter()
            refused[name] = bring(work, services.path_of(work))
            times[name] += perf_counter() - started
        written = work.rows.count()
        if written != rows - len(refused[name]):
            raise RuntimeError(f"{name}\u00a0: {written} lignes écrites")
    return {"seconds": {name: spent / 2 for name, spent in times.items()}, "rows": rows,
            "same": refused["palier"] == refused["peer"], "refused": len(refused["palier"])}  # fmt: skip


def desk() -> Actor:
    """An agent who registers, at a desk of an invented territory."""
    territory = Territory.objects.create(siren="900000009", name="Territoire d’Exemple", short_name="Exemple")
    Commune.objects.create(territory=territory, insee="62427", name="Hénin-Beaumont")
    organisation = Organisation.objects.create(
        territory=territory, slug="ccas", name="CCAS d’Exemple", kind=OrganisationKind.CCAS
    )
    place = Place.objects.create(
        territory=territory, organisation=organisation, slug="guichet", name="Guichet", level=2
    )
    user = User.objects.create(email="banc@exemple.invalid", name="Banc Factice")
    grant(user.pk, organisation, place, Role.REGISTRAR, today())
    return actor_of(current_memberships(user.pk, today())[0])


def file(path: Path, rows: int) -> None:
    """An export of invented people with 17 columns, one row in two hundred wrong."""
    random, names, on = Random(4), Names(min(max(rows // 5, 2_000), 200_000)), today()
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.writer(stream, delimiter=";")
        sheet.writerow(TITLES)
        for row in range(rows):
            filed = on - timedelta(days=int(random.expovariate(1 / 500)))
            born = date(1940, 1, 1) + timedelta(days=random.randrange(24_000))
            nud = f"062{filed:%m%y}{row % 1_000_000:06d}G{row // 1_000_000:04d}"
            sheet.writerow((
                nud if random.random() > WRONG else "", f"{filed:%d/%m/%Y}", random.choice("12"), names.surname(), "",
                names.first_name(), f"{born:%d/%m/%Y}", random.choice("CMDSPUV"), f"06{random.randrange(10**8):08d}",
                f"{random.randrange(99)} rue de l’Exemple", "62110", "Hénin-Beaumont", random.randrange(40_000),
                random.choice(("HLM", "LP", "CP")), random.choice(("01", "13|07", "9")), random.choice(("T2", "T3|T4")),
                random.choice(("oui", "non")),
            ))  # fmt: skip


def by_pages(actor: Actor, count: int) -> float:
    """Seconds that the acts behind the pages take for as many demands of the same rubrics."""
    on = today()
    rubrics: dict[Section, Any] = {
        Section.ADDRESS: {"line": "1 rue de l’Exemple", "postal_code": "62110", "town": "Hénin-Beaumont"},
        Section.SITUATION: {"family": "C"}, Section.RESOURCES: {"rfr_n2": 12_000}, Section.DWELLING: {"kind": "HLM"},
        Section.GROUNDS: {"codes": ("01",)}, Section.SOUGHT: {"types": ("T2",), "wider_area": True},
    }  # fmt: skip
    started = perf_counter()
    for number in range(count):
        identity = Identity(birth_name=f"Factice {number}", first_names="Test", birth_date=date(1980, 1, 1))
        demand = acts.create_draft(actor, identity, "0600000001", UUID(int=number), on)
        for section, values in rubrics.items():
            stored = Demand.objects.get(pk=demand.pk).answers.rubric(section)
            rubric = RUBRICS[section].model_validate(values)
            acts.save_rubric(actor, demand.pk, section, rubric, acts.fingerprint(stored), on)
        acts.register(actor, demand.pk, filed_on=on, nud=f"PAGE{number:014d}", on=on)
    return perf_counter() - started


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]))
