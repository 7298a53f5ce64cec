"""`python -m bench.parts.exchange ROWS PAGES`: imports an invented file into an empty database, by the usual acts.

Prints, as JSON, how long the check of the whole file and its writing took, with the memory of this process; then how
long PAGES demands take when the acts of the pages write them one by one.
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


def main(rows: int, pages: int) -> None:
    """Check, write, then the same by pages."""
    call_command("migrate", verbosity=0, interactive=False)
    actor = desk()
    work = services.add_file(actor, SimpleUploadedFile("sne.csv", b";".join(t.encode() for t in TITLES)), today())
    file(services.path_of(work), rows)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    seconds = {}
    started = perf_counter()
    services.set_columns(actor, work, services.columns_of(work))
    queue.run_all()
    seconds["check"] = perf_counter() - started
    work.refresh_from_db()
    started = perf_counter()
    services.start_writing(actor, work)
    queue.run_all()
    seconds["write"] = perf_counter() - started
    work.refresh_from_db()
    document = {
        "vendor": connection.vendor, "rows": rows, "created": work.created, "refused": work.refused,
        "failure": work.failure, "seconds": seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "pages": by_pages(actor, pages) / pages,
        "whole": Demand.objects.count() == Snapshot.objects.count() == work.created + pages,
    }  # fmt: skip
    json.dump(document, sys.stdout)


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
    main(int(sys.argv[1]), int(sys.argv[2]))
