"""One demand read by one statement: the same score as the pages, and nothing said that was not registered."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from palier.cotation import api as cotation
from palier.demand import services
from palier.demand.content import Situation
from palier.demand.enums import Section
from palier.demand.models import ScoreRecord
from palier.demand.one import registered as read_one
from palier.journal.models import Entry
from palier.territory.models import Territory
from tests.demand.conftest import ON, Desk, draft, registered, save

NUD = "0620324012345G1226"
pytestmark = pytest.mark.django_db


def test_one_statement_scores_as_the_acts_do(grid: Territory, here: Desk, django_assert_num_queries: Any) -> None:
    demand = registered(here, nud=NUD)
    criterion = next(line.id for line in cotation.Score.from_json(ScoreRecord.objects.get().data).lines if line.proof)
    services.record_proof(here.actor, demand.pk, criterion, seen=True, on=ON)
    version = cotation.grid_in_force(grid.pk, ON)
    assert version is not None
    with django_assert_num_queries(1):
        found = read_one(demand.pk)
    assert found is not None
    assert found.filed_on == date(2024, 3, 12)
    assert found.proofs == {criterion: ON}
    kept = ScoreRecord.objects.order_by("-pk")[0]
    assert found.score(version.compiled, ON).to_json() == kept.data


def test_what_an_agent_is_typing_does_not_count_and_a_draft_has_no_score(grid: Territory, here: Desk) -> None:
    demand = registered(here)
    save(here, demand, Section.SITUATION, Situation(family="C", dalo=True))
    found = read_one(demand.pk)
    assert found is not None
    assert found.content.situation is None
    assert read_one(draft(here).pk) is None
    assert read_one(0) is None


def test_the_command_explains_a_score_without_a_name_and_writes_the_reading_down(
    grid: Territory, here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palier.demand.management.commands.demand.today", lambda: ON)
    demand = registered(here, nud=NUD)
    out = StringIO()
    call_command("demand", "score", "0620324 012345 G1226", stdout=out)
    assert "points déclarés" in out.getvalue()
    assert "déposée le 12 mars 2024" in out.getvalue()
    assert "Exemple" not in out.getvalue()
    read = Entry.objects.order_by("-number")[0]
    assert (read.action, read.subject_id, read.data) == ("demand.read", str(demand.pk), '{"page":"command"}')
    with pytest.raises(CommandError, match="Aucune demande"):
        call_command("demand", "score", "0620324012345G9999")
