"""The score that counts: the newer of the run and of the event; and what a new grid changes, said to the household."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common import queue
from palier.common.clock import today
from palier.common.yamlfile import parse
from palier.cotation import api as cotation
from palier.cotation.adoption.services import Act, act_text
from palier.cotation.models import GridVersion
from palier.cotation.stock import runs
from palier.demand import services
from palier.demand.current import grid_change, versions_told
from palier.demand.models import Demand, ScoreRecord
from palier.demand.selectors import demand_page
from palier.documents.models import Letter
from palier.journal import api as journal
from palier.territory.models import Territory
from tests.demand.conftest import GRID, Desk, draft, registered
from tests.factories import sign_in
from tests.security.world import words_of_pdf


@pytest.fixture(autouse=True)
def _own_data(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def new_version(territory: Territory, since: date) -> None:
    """The demonstration grid with the next number, from a day on."""
    act = Act("Délibération fictive", date(2026, 9, 1), 3, since)
    text = act_text(GRID.read_text(encoding="utf-8"), act)
    cotation.load_grid(territory, parse(text, "grille.yaml"), today())


def run_of(territory: Territory) -> None:
    runs.start_due(territory.pk, today())
    queue.run_all()


def url(name: str, demand: Demand) -> str:
    return reverse(f"demand:{name}", args=[demand.pk])


def aged(demand: Demand, days: int = 90) -> Demand:
    """The demand, registered and scored some time ago."""
    day = today() - timedelta(days=days)
    Demand.objects.filter(pk=demand.pk).update(registered_on=day)
    ScoreRecord.objects.filter(demand=demand).update(computed_on=day)
    demand.refresh_from_db()
    return demand


def test_the_list_and_the_file_show_the_last_run_without_touching_what_was_kept(
    grid: Territory, here: Desk, agent: Client
) -> None:
    demand = aged(registered(here))
    kept = ScoreRecord.objects.get(demand=demand)
    Demand.objects.update(declared=1, verified=1)
    run_of(grid)
    score = runs.scores_of(grid.pk, [demand.pk], today())[demand.pk]
    assert score.declared == kept.declared
    with CaptureQueriesContext(connection) as queries:
        page = agent.get(reverse("demand:list")).content.decode()
    assert len(queries) == 4, [q["sql"][:90] for q in queries.captured_queries]
    assert f"{score.declared}\u00a0points" in page
    shown = demand_page(here.actor, Demand.objects.select_related("household", "place").get(), today()).score
    assert (shown.computed_on, shown.declared, shown.verified) == (today(), score.declared, score.verified)
    demand.refresh_from_db()
    assert (demand.declared, ScoreRecord.objects.count()) == (1, 1)


def test_a_demand_changed_after_the_run_of_the_day_shows_its_own_score(
    grid: Territory, here: Desk, agent: Client
) -> None:
    registered(here)
    run_of(grid)
    ScoreRecord.objects.update(computed_on=today())
    Demand.objects.update(declared=77)
    assert "77\u00a0points" in agent.get(reverse("demand:list")).content.decode()


def test_another_desk_sees_the_total_that_counts(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    demand = aged(registered(here))
    Demand.objects.update(declared=1, verified=1)
    run_of(grid)
    declared = runs.scores_of(grid.pk, [demand.pk], today())[demand.pk].declared
    html = sign_in(Client(), elsewhere.user).get(url("detail", demand)).content.decode()
    assert f"<dd>{declared}\u00a0point" in html


def test_drafts_alone_ask_for_no_score(grid: Territory, here: Desk, agent: Client) -> None:
    draft(here)
    with CaptureQueriesContext(connection) as queries:
        agent.get(reverse("demand:list"))
    assert len(queries) == 3


@pytest.mark.parametrize(("days", "said"), [(10, "La grille changera le"), (-10, "La grille a changé le")])
def test_a_file_tells_of_a_grid_that_changes_and_shows_both_scores(
    grid: Territory, here: Desk, agent: Client, days: int, said: str
) -> None:
    demand = aged(registered(here))
    new_version(grid, today() + timedelta(days=days))
    html = agent.get(url("detail", demand)).content.decode()
    assert said in html
    assert url("grid_change", demand) in html
    with CaptureQueriesContext(connection) as queries:
        page = agent.get(url("grid_change", demand))
    assert len(queries) <= 10, [q["sql"][:90] for q in queries.captured_queries]
    html = page.content.decode()
    assert said in html
    assert "version 2" in html
    assert "version 3" in html


def test_a_file_says_nothing_of_a_grid_that_changed_long_ago_or_before_the_demand(
    grid: Territory, here: Desk, agent: Client
) -> None:
    demand = registered(here)
    assert agent.get(url("grid_change", demand)).status_code == 404
    new_version(grid, today() - timedelta(days=100))
    assert agent.get(url("grid_change", aged(demand, 200))).status_code == 404
    GridVersion.objects.filter(version=3).delete()
    GridVersion.objects.update(effective_to=None)
    new_version(grid, today() - timedelta(days=10))
    assert agent.get(url("grid_change", aged(demand, 5))).status_code == 404


def test_both_scores_are_those_of_the_engine_on_the_same_facts_and_day(grid: Territory, here: Desk) -> None:
    demand = aged(registered(here))
    coming = today() + timedelta(days=40)
    new_version(grid, coming)
    facts = cotation.read_facts({"demande": {"locataire_social": False, "date_depot": date(2024, 3, 12)}})
    change = grid_change(demand, versions_told(grid.pk, today()), lambda day: facts, {}, today())
    assert change is not None
    versions = GridVersion.objects.order_by("version")
    assert (change.effective_from, change.coming) == (coming, True)
    assert [change.before, change.after] == [cotation.evaluate(v.compiled, facts, coming, {}) for v in versions]


def test_the_letter_says_both_scores_and_is_written_down(grid: Territory, here: Desk, agent: Client) -> None:
    demand = aged(registered(here))
    new_version(grid, today() + timedelta(days=10))
    response = agent.post(url("grid_letter", demand))
    assert response["Content-Type"] == "application/pdf"
    words = words_of_pdf(response.content)
    assert "La grille de cotation va changer" in words
    assert "Ensuite" in words
    letter = Letter.objects.get()
    assert (letter.kind, letter.template, letter.version) == ("grid_change", "demand/nouvelle-grille", 1)
    assert journal.history("demand", demand.pk)[0].action == "demand.grid_letter_given"


def test_another_desk_gets_neither_the_page_nor_the_letter(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    demand = aged(registered(here))
    new_version(grid, today() + timedelta(days=10))
    client = sign_in(Client(), elsewhere.user)
    assert client.get(url("grid_change", demand)).status_code == 404
    assert client.post(url("grid_letter", demand)).status_code == 404
    assert sign_in(Client(), here.user).get(url("grid_letter", demand)).status_code == 405
    assert not Letter.objects.exists()


def test_a_piece_is_seen_for_a_criterion_that_only_the_new_grid_has(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    data = ScoreRecord.objects.get().data
    data["lines"] = [line for line in data["lines"] if line[0] != "violences"]
    ScoreRecord.objects.update(data=data)
    services.record_proof(here.actor, demand.pk, "violences", seen=True, on=today())
    assert ScoreRecord.objects.count() == 2
