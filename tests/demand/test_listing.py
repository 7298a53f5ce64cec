"""The list of demands: filters that combine, in the address; and the export of exactly what they keep."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from palier.common import queue
from palier.common.clock import today
from palier.common.text import normalise
from palier.cotation.stock import runs
from palier.demand import services
from palier.demand.content import Content, Identity, Situation, Sought
from palier.demand.enums import Section, Status
from palier.demand.listing import choosing, export, traits
from palier.demand.listing.choosing import chosen
from palier.demand.listing.filters import Filters, chips
from palier.demand.listing.forms import FiltersForm
from palier.demand.listing.models import Trait
from palier.demand.listing.selectors import listing
from palier.demand.models import Demand, ScoreRecord
from palier.duties import api as duties
from palier.journal.models import Entry
from palier.people import names
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, draft, registered, save
from tests.factories import make_place, sign_in

pytestmark = pytest.mark.django_db
FAMILIES = ("Exemple", "Factice", "Modèle-Inventé", "Exemplaire", "Fictif")


@pytest.fixture
def stock(grid: Territory, here: Desk, elsewhere: Desk) -> list[Demand]:
    """Fourteen demands of all kinds, and one of another organisation."""
    other = make_place(grid, level=2, organisation=here.place.organisation)
    made = []
    for n in range(14):
        identity = Identity(birth_name=FAMILIES[n % 5], first_names=f"Test{n % 3}", birth_date=date(1980, 1, 1 + n))
        demand = draft(here, identity)
        if n % 4:
            wished = Sought(types=("T2", "T3")[: n % 3], communes=("62427", "62215")[n % 2 :])
            save(here, demand, Section.SOUGHT, wished)
        if n % 5 == 1:
            save(here, demand, Section.SITUATION, Situation(violence=True))
        if n % 6:
            filed = ON - timedelta(days=40 * n)
            services.register(here.actor, demand.pk, filed_on=filed, nud=f"06203240123{n:02d}G1226", on=ON)
        Demand.objects.filter(pk=demand.pk).update(
            year_since=None if n % 6 == 0 else ON - timedelta(days=60 * n),
            place=other if n == 7 else here.place,
        )
        if n == 3:
            duties.settle("reception", "demand", demand.pk, on=ON, outcome="received")
        if n in (4, 5):
            struck = {"status": Status.STRUCK, "struck_on": ON, "struck_noted_on": ON, "struck_ground": "RADABA"}
            Demand.objects.filter(pk=demand.pk).update(**struck)
        made.append(Demand.objects.select_related("household").get(pk=demand.pk))
    Trait.objects.filter(demand=made[7]).update(place=other)
    duties.Duty.objects.filter(subject_type="demand", subject_id=made[7].pk).update(place=other)
    registered(elsewhere, Identity(birth_name="Exemple", first_names="Ailleurs", birth_date=date(1980, 1, 1)))
    return made


def kept(demand: Demand, f: Filters) -> bool:
    """What `chosen` must do, demand by demand, in plain Python."""
    content = demand.answers
    sought, situation = content.recherche or Sought(), content.situation or Situation()
    duty = duties.find("reception", "demand", demand.pk)
    owed = duty is not None and duty.settled_on is None
    held = names.words(content.identite.birth_name, *content.identite.first_names.split())
    words = normalise(f.q).split()
    over = demand.year_since is not None and demand.year_since <= ON.replace(year=ON.year - 1) - timedelta(days=1)
    return all(
        (
            {"": demand.status != Status.STRUCK, "brouillon": demand.is_draft, "radiee": demand.is_struck,
             "enregistree": demand.status == Status.REGISTERED, "toutes": True}[f.etat],
            f.lieu is None or demand.place_id == f.lieu,
            not f.commune or f.commune in sought.communes,
            not f.type or f.type in sought.types,
            f.depuis is None or (demand.filed_on is not None and demand.filed_on >= f.depuis),
            f.jusque is None or (demand.filed_on is not None and demand.filed_on <= f.jusque),
            f.points_min is None or (demand.declared is not None and demand.declared >= f.points_min),
            f.points_max is None or (demand.declared is not None and demand.declared <= f.points_max),
            not f.renouveler or (demand.status == Status.REGISTERED and over),
            not f.prioritaire or bool(situation.violence),
            not f.reception or (owed and (f.reception == "attendue" or bool(duty and duty.due < ON))),
            all(any(one.startswith(w) or names.near(w, one) for one in held) for w in words),
        )
    )  # fmt: skip


CHOICES: st.SearchStrategy[Filters] = st.builds(
    Filters,
    etat=st.sampled_from(["", "", "brouillon", "enregistree", "radiee", "toutes"]),
    q=st.sampled_from(["", "", "exemple", "exmeple", "fact", "test1", "modele test1"]),
    commune=st.sampled_from(["", "", "62427", "62215", "62250"]),
    type=st.sampled_from(["", "", "T2", "T3", "T5"]),
    depuis=st.none() | st.dates(ON - timedelta(days=600), ON),
    jusque=st.none() | st.dates(ON - timedelta(days=600), ON),
    points_min=st.none() | st.integers(0, 60).map(Decimal),
    points_max=st.none() | st.integers(0, 60).map(Decimal),
    renouveler=st.booleans(),
    prioritaire=st.booleans(),
    reception=st.sampled_from(["", "", "attendue", "en-retard"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(f=CHOICES, elsewhere_too=st.booleans())
def test_any_filters_together_keep_what_each_says_and_nothing_else(
    stock: list[Demand], here: Desk, f: Filters, elsewhere_too: bool
) -> None:
    f = replace(f, lieu=stock[7].place_id) if elsewhere_too else f
    found = set(chosen(here.actor, f, ON).values_list("pk", flat=True))
    assert found == {demand.pk for demand in stock if kept(demand, f)}


@given(f=CHOICES)
@settings(max_examples=60, deadline=None)
def test_an_address_says_the_same_filters_again(f: Filters) -> None:
    form = FiltersForm(f.values())
    if not form.is_valid():
        most = 999 if f.points_max is None else f.points_max
        assert (f.depuis or date.min) > (f.jusque or date.max) or (f.points_min or 0) > most
        return
    assert form.filters() == f
    for chip in chips(f, {}):
        assert chip.label
        assert chip.query != f.query


def test_what_is_sought_is_kept_with_the_content_and_follows_it(here: Desk, territory: Territory) -> None:
    demand = draft(here)
    save(here, demand, Section.SOUGHT, Sought(types=("T3",), communes=("62427", "62215")))
    held = Trait.objects.filter(demand=demand)
    assert set(held.values_list("kind", "code")) == {("type", "T3"), ("commune", "62427"), ("commune", "62215")}
    save(here, demand, Section.SOUGHT, Sought(types=("T4",), communes=("62427",)))
    assert set(held.values_list("kind", "code")) == {("type", "T4"), ("commune", "62427")}
    assert set(held.values_list("place", flat=True)) == {here.place.pk}
    services.delete_draft(here.actor, demand.pk)
    assert not held.exists()


def test_a_list_never_says_which_priority_is_declared() -> None:
    content = Content(identite=Identity(birth_name="Exemple"), situation=Situation(violence=True, dalo=True))
    assert traits.traits_of(content) == {("priority", "")}


@pytest.fixture
def agent_of(here: Desk) -> Client:
    return sign_in(Client(), here.user)


def test_the_page_shows_the_filters_in_force_and_how_to_take_each_off(stock: list[Demand], agent_of: Client) -> None:
    page = agent_of.get("/demandes/?type=T3&commune=62215&points_min=1").content.decode()
    assert "Commune souhaitée\u00a0: Carvin" in page
    assert "Logement\u00a0: T3" in page
    assert "Points\u00a0: à partir de 1" in page
    assert 'href="/demandes/?type=T3&amp;points_min=1"' in page
    assert 'href="/demandes/export.csv?commune=62215&amp;type=T3&amp;points_min=1"' in page


def test_the_form_leads_to_an_address_that_says_only_what_was_chosen(agent_of: Client, territory: Territory) -> None:
    answer = agent_of.get("/demandes/?q=&etat=&commune=62427&points_min=")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/demandes/?commune=62427")


def test_nothing_kept_says_what_to_do(stock: list[Demand], agent_of: Client) -> None:
    page = agent_of.get("/demandes/?type=C&prioritaire=1").content.decode()
    assert "Aucune demande de votre organisme ne répond à tous ces filtres." in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("depuis=31/02/2026", "Cette date n’existe pas"),
        ("depuis=01/03/2026&jusque=01/02/2026", "Cette date est avant le début de la période."),
        ("points_min=50&points_max=10", "Ce nombre est plus petit que le premier."),
        ("points_min=beaucoup", "Saisissez un nombre"),
        ("etat=perdue", "perdue"),
        ("lieu=-1", "supérieure ou égale"),
        ("commune=%00'--", "Choisissez une commune."),
        ("type=T99", "T99"),
        ("q=" + "a" * 500, "120"),
    ],
)
@pytest.mark.parametrize("path", ["/demandes/", "/demandes/export.csv"])
def test_a_wrong_address_says_what_is_wrong(
    agent_of: Client, territory: Territory, path: str, query: str, said: str
) -> None:
    answer = agent_of.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Entry.objects.filter(action="demand.exported").exists()


@pytest.mark.parametrize(
    ("query", "queries"),
    [("", 4), ("type=T3&prioritaire=1", 4), ("commune=62427", 5), ("q=exemple", 5), ("points_min=1", 5),
     ("q=exemple&commune=62427&points_min=0&type=T2&depuis=2020-01-01&reception=attendue", 5)],
)  # fmt: skip
def test_a_list_takes_the_same_few_queries_whatever_it_holds(
    stock: list[Demand], agent_of: Client, django_assert_num_queries: Any, query: str, queries: int
) -> None:
    with django_assert_num_queries(queries):
        assert agent_of.get(f"/demandes/?{query}").status_code == 200


@pytest.mark.parametrize(
    "f",
    [
        Filters(), Filters(etat="brouillon"), Filters(type="T3", prioritaire=True), Filters(renouveler=True),
        Filters(jusque=ON), Filters(q="0620324"), Filters(q="exemple"), Filters(points_min=Decimal(99)),
        Filters(q="exemple", points_max=Decimal(1), commune="62427"), Filters(reception="attendue"),
    ],
)  # fmt: skip
def test_a_screen_is_found_in_one_index_without_reading_a_demand(run_and_events: None, here: Desk, f: Filters) -> None:
    """An organisation whose few demands are old would otherwise have the whole territory read, to give 26 of them."""
    sql, values = choosing.asked(here.actor, f, today(), choosing.known(here.actor, f, today()), None, 26)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table of some rows is otherwise read as it comes; sorts are what an index in order saves.
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexscan = off"
            )
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + sql, values)
        plan = [str(row[-1]) for row in cursor.fetchall()]
    walks = [line for line in plan if " d USING" in line or "demand_demand d" in line]
    assert walks
    assert all("demand_listed" in line and ("COVERING" in line or "Only" in line) for line in walks), plan


def test_pages_follow_each_other_without_hole_nor_double(
    stock: list[Demand], agent_of: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palier.demand.listing.selectors.PAGE", 3)
    seen: list[int] = []
    address = "/demandes/?etat=toutes"
    for _ in range(20):
        demands = agent_of.get(address).context["demands"]
        seen += [row.pk for row in demands.rows]
        if not demands.more:
            break
        address = f"/demandes/?etat=toutes&avant={demands.last}"
    assert seen == sorted((demand.pk for demand in stock), reverse=True)


@pytest.mark.parametrize("path", ["/demandes/", "/demandes/filtrer/", "/demandes/colonnes/", "/demandes/export.ods"])
def test_the_list_is_for_those_who_may_read_demands(path: str, informer: Desk, territory: Territory) -> None:
    assert Client().get(path).status_code == 302
    assert sign_in(Client(), informer.user).get(path).status_code == 404
    assert sign_in(Client(), informer.user).post(path).status_code in (403, 404, 405)


def csv_rows(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_an_export_holds_what_the_list_shows_and_is_written_down(
    stock: list[Demand], here: Desk, agent_of: Client
) -> None:
    wanted = list(chosen(here.actor, Filters(type="T3"), ON).order_by("-pk").select_related("household"))
    rows = csv_rows(agent_of.get("/demandes/export.csv?type=T3&q="))
    assert rows[0] == list(export.TITLES)
    assert [row[1] for row in rows[1:]] == [demand.household.label for demand in wanted]
    entry = Entry.objects.get(action="demand.exported")
    assert json.loads(entry.data) == {"format": "csv", "demands": len(wanted), "type": "T3"}


def test_the_journal_keeps_no_name_that_was_looked_for(stock: list[Demand], agent_of: Client) -> None:
    csv_rows(agent_of.get("/demandes/export.csv?q=exemplaire"))
    entry = Entry.objects.get(action="demand.exported")
    assert "exemplaire" not in entry.data
    assert '"q"' in entry.data


def sheets(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(one).decode() for one in archive.namelist() if name in one)


@pytest.mark.parametrize(("kind", "name"), [("xlsx", "xml"), ("ods", "content.xml")])
def test_a_workbook_says_what_its_columns_mean_and_holds_no_formula(
    here: Desk, agent_of: Client, territory: Territory, kind: str, name: str
) -> None:
    draft(here, Identity(birth_name='=HYPERLINK("http://exemple.invalid")', first_names="+1"))
    answer: Any = agent_of.get(f"/demandes/export.{kind}")
    text = sheets(b"".join(answer.streaming_content), name)
    assert "Dictionnaire" in text
    assert "Premier dépôt" in text
    assert "HYPERLINK" in text
    assert "<f>" not in text
    assert "table:formula" not in text


def test_a_csv_cell_is_never_a_formula(here: Desk, agent_of: Client, territory: Territory) -> None:
    draft(here, Identity(birth_name="=1+1", first_names="@Test"))
    assert csv_rows(agent_of.get("/demandes/export.csv"))[1][1][0] not in "=+-@\t\r"


def test_a_workbook_too_long_is_refused_in_one_sentence(
    stock: list[Demand], agent_of: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_IN_WORKBOOK", 3)
    answer = agent_of.get("/demandes/export.xlsx")
    assert answer.status_code == 422
    assert "trop nombreuses pour un classeur" in answer.content.decode()
    assert not Entry.objects.filter(action="demand.exported").exists()


def test_a_colleague_of_another_organisation_exports_none_of_them(stock: list[Demand], elsewhere: Desk) -> None:
    rows = csv_rows(sign_in(Client(), elsewhere.user).get("/demandes/export.csv?etat=toutes"))
    assert [row[1] for row in rows[1:]] == ["Ailleurs Exemple et 1\u00a0enfant"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.none() | st.integers(0, 60), high=st.none() | st.integers(0, 60))
def test_points_are_those_that_the_list_shows_be_they_of_a_run_or_of_an_event(
    run_and_events: None, here: Desk, low: int | None, high: int | None
) -> None:
    bounds = Filters(
        points_min=None if low is None else Decimal(low), points_max=None if high is None else Decimal(high)
    )
    shown = listing(here.actor, Filters(), today()).rows
    asked = [
        row.pk
        for row in shown
        if not (low is None and high is None)
        and row.declared is not None
        and (low is None or row.declared >= low)
        and (high is None or row.declared <= high)
    ]
    found = chosen(here.actor, bounds, today()).order_by("-pk")
    assert list(found.values_list("pk", flat=True)) == (asked if bounds else [row.pk for row in shown])


@pytest.fixture
def run_and_events(grid: Territory, here: Desk, settings: Any, tmp_path: Path) -> None:
    """Three demands whose run says more than the event did, one scored again since, one registered since."""
    settings.DATA_DIR = tmp_path
    made = [registered(here, Identity(birth_name=f"Exemple{n}", birth_date=date(1980, 1, 1))) for n in range(4)]
    day = today() - timedelta(days=400)
    ScoreRecord.objects.update(computed_on=day, declared=Decimal(1), verified=Decimal(0))
    Demand.objects.update(declared=Decimal(1), verified=Decimal(0))
    runs.start_due(grid.pk, today())
    queue.run_all()
    last = made[0]
    ScoreRecord.objects.filter(demand=last).update(computed_on=today() + timedelta(days=1))
    Demand.objects.filter(pk=last.pk).update(declared=Decimal(17))
    registered(here, Identity(birth_name="Exemple9", birth_date=date(1980, 1, 1)))
    draft(here, Identity(birth_name="Exemple8", birth_date=date(1980, 1, 1)))
    shown = {row.pk: row.declared for row in listing(here.actor, Filters(), today()).rows}
    assert shown[last.pk] == 17
    assert shown[made[1].pk] not in (1, 17)
