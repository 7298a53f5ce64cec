"""Putting a grid in force: two persons, one act, every demand scored, then grid and scores change together."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.http import Http404

from palier.accounts.models import User
from palier.common import queue
from palier.common.clock import now, today
from palier.common.errors import Conflict, Refusal
from palier.cotation.adoption import services
from palier.cotation.adoption.services import Act, act_text
from palier.cotation.models import Adoption, GridDraft, GridVersion, ScoringRun
from palier.cotation.selectors import grid_in_force
from palier.cotation.stock import runs, store
from palier.journal import api as journal
from palier.territory.models import Territory

from .stocks import a_draft, actor, coordinator, explained, territory, text

__all__ = ["territory"]
pytestmark = pytest.mark.django_db
EVERY = range(1000, 1020)
TOMORROW = today() + timedelta(days=1)


@pytest.fixture
def one(territory: Territory) -> User:
    return coordinator(territory)


@pytest.fixture
def two(territory: Territory) -> User:
    return coordinator(territory)


@pytest.fixture
def draft(territory: Territory, one: User) -> GridDraft:
    return a_draft(territory, one)


def an_act(effective_from: date = TOMORROW, **values: Any) -> Act:
    told = {"reference": "Délibération fictive n° 2", "day": today(), "version": 2, "effective_from": effective_from}
    return Act(**{**told, **values})


def proposed(draft: GridDraft, one: User, effective_from: date = TOMORROW) -> Adoption:
    return services.propose(actor(one), draft.pk, an_act(effective_from), today())


def adopted(draft: GridDraft, one: User, two: User, effective_from: date = TOMORROW) -> Adoption:
    adoption = proposed(draft, one, effective_from)
    services.confirm(actor(two), adoption.pk, today())
    queue.run_all()
    adoption.refresh_from_db()
    return adoption


def pair(territory: Territory, on: date) -> tuple[int | None, int | None]:
    """The grid in force on a day, and the grid of the scores shown that day."""
    grid, run = grid_in_force(territory.pk, on), runs.shown_run(territory.pk, on)
    return grid.version if grid else None, run.version.version if run and run.version else None


def test_the_text_of_the_act_changes_its_version_its_act_and_its_dates_and_no_other_line() -> None:
    before = "# Tête\n" + text().replace("criteres:", "# Les critères\ncriteres:")
    act = an_act(date(2027, 1, 1), reference="N° 26-131 : « oui »", day=date(2026, 11, 20), version=7)
    after = act_text(before, act)
    assert "version: 7" in after
    assert 'acte: {reference: "N° 26-131 : « oui »", date: 2026-11-20}' in after
    assert "effet: {du: 2027-01-01}" in after
    gone = set(before.splitlines()) - set(after.splitlines())
    assert gone == {"version: 1", "acte:", "  reference: délibération fictive", "  date: 2026-01-05", "effet:",
                    "  du: 2026-01-10"}  # fmt: skip
    assert after.startswith("# Tête\n")
    assert "# Les critères\ncriteres:" in after


def test_a_grid_and_its_scores_change_together_on_the_day_of_the_act(
    territory: Territory, draft: GridDraft, one: User, two: User
) -> None:
    runs.start_due(territory.pk, today())
    queue.run_all()
    adoption = adopted(draft, one, two)
    assert (adoption.state, adoption.version and adoption.version.version) == ("done", 2)
    assert pair(territory, today()) == (1, 1)
    assert pair(territory, TOMORROW) == (2, 2)
    assert adoption.version
    assert adoption.version.examples == draft.examples
    found = runs.scores_of(territory.pk, EVERY, TOMORROW)
    wanted = explained(adoption.version, TOMORROW)
    assert {key: score.declared for key, score in found.items()} == {key: s.declared for key, s in wanted.items()}
    former = runs.scores_of(territory.pk, EVERY, today())
    assert {key: found[key].declared - former[key].declared for key in EVERY if key % 3 == 1} == dict.fromkeys(
        [key for key in EVERY if key % 3 == 1], 20
    )


@pytest.fixture
def wiped(transactional_db: None) -> Iterator[None]:
    """Scores are kept in a table that is no model's: the end of a test without transaction would leave them."""
    yield
    for run in ScoringRun.objects.values_list("pk", flat=True):
        store.drop(connection, run)


@pytest.mark.usefixtures("wiped")
def test_who_reads_at_the_instant_of_the_switch_sees_both_former_or_both_new(
    territory: Territory, draft: GridDraft, one: User, two: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.start_due(territory.pk, today())
    queue.run_all()
    seen: list[tuple[int | None, int | None]] = []
    finish = queue.finish

    def look() -> None:
        try:
            seen.append(pair(territory, today()))
        finally:
            connection.close()

    def finish_and_look(*args: Any, **kwargs: Any) -> None:
        finish(*args, **kwargs)
        # Everything is written and nothing is committed: another connection reads.
        with ThreadPoolExecutor(1) as other:
            other.submit(look).result()

    monkeypatch.setattr(queue, "finish", finish_and_look)
    adopted(draft, one, two, today())
    assert seen[0] == (1, 1)
    assert pair(territory, today()) == (2, 2)
    connections.close_all()


def test_who_proposed_an_act_does_not_confirm_it(draft: GridDraft, one: User) -> None:
    adoption = proposed(draft, one)
    with pytest.raises(Refusal, match="une autre personne"):
        services.confirm(actor(one), adoption.pk, today())
    with pytest.raises(IntegrityError), transaction.atomic():
        Adoption.objects.update(state="scoring", confirmed_by=one, confirmed_at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Adoption.objects.update(state="scoring")
    assert not ScoringRun.objects.exists()


@pytest.mark.postgresql
@pytest.mark.usefixtures("wiped")
def test_an_act_confirmed_by_six_people_at_once_is_confirmed_once(
    territory: Territory, draft: GridDraft, one: User
) -> None:
    adoption = proposed(draft, one)
    people = [actor(coordinator(territory)) for _ in range(6)]
    barrier = Barrier(6)

    def confirm(who: Any) -> Any:
        try:
            barrier.wait(10)
            return services.confirm(who, adoption.pk, today())
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(confirm, people))
    assert sum(isinstance(result, Conflict) for result in results) == 5
    assert ScoringRun.objects.count() == 1
    queue.run_all()
    adoption.refresh_from_db()
    assert adoption.state == "done"


@pytest.mark.parametrize(
    ("act", "field", "sentence"),
    [
        (an_act(today() - timedelta(days=1)), "effective_from", "ne prend pas effet dans le passé"),
        (an_act(day=TOMORROW), "day", "pas encore pris"),
        (an_act(version=1), "version", "La version 1 de cette grille existe déjà"),
    ],
)
def test_an_act_that_cannot_be_is_refused_with_its_field(
    draft: GridDraft, one: User, act: Act, field: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence) as refused:
        services.propose(actor(one), draft.pk, act, today())
    assert refused.value.field == field
    assert not Adoption.objects.exists()


def wrong_examples(draft: GridDraft) -> None:
    draft.examples = draft.examples.replace("70", "71")


def broken(draft: GridDraft) -> None:
    draft.source = draft.source.replace("criteres:", "criterea:")


def partial(draft: GridDraft) -> None:
    draft.source += "partielle: true\n"


@pytest.mark.parametrize("spoil", [wrong_examples, broken, partial])
def test_a_draft_that_the_control_does_not_pass_is_not_proposed(
    draft: GridDraft, one: User, spoil: Callable[[GridDraft], None]
) -> None:
    spoil(draft)
    draft.save()
    with pytest.raises(Refusal):
        proposed(draft, one)
    assert not Adoption.objects.exists()


def test_one_act_at_a_time_waits(draft: GridDraft, one: User) -> None:
    proposed(draft, one)
    with pytest.raises(Conflict, match="attend déjà"):
        services.propose(actor(one), draft.pk, an_act(version=3), today())


def test_an_act_whose_day_has_passed_is_not_confirmed(draft: GridDraft, one: User, two: User) -> None:
    adoption = proposed(draft, one)
    with pytest.raises(Refusal, match="est passée"):
        services.confirm(actor(two), adoption.pk, TOMORROW + timedelta(days=1))


def test_an_act_is_withdrawn_before_and_during_the_calculation(
    territory: Territory, draft: GridDraft, one: User, two: User
) -> None:
    services.withdraw(actor(one), proposed(draft, one).pk, today())
    adoption = proposed(draft, one)
    services.confirm(actor(two), adoption.pk, today())
    services.withdraw(actor(one), adoption.pk, today())
    queue.run_all()
    adoption.refresh_from_db()
    assert adoption.state == "withdrawn"
    assert pair(territory, TOMORROW) == (1, None)
    with pytest.raises(Conflict, match="déjà retiré"):
        services.withdraw(actor(one), adoption.pk, today())
    with pytest.raises(Conflict, match="n’attend plus"):
        services.confirm(actor(two), adoption.pk, today())


def test_an_act_withdrawn_while_the_worker_ends_it_changes_nothing(
    territory: Territory, draft: GridDraft, one: User, two: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    adoption = proposed(draft, one)
    services.confirm(actor(two), adoption.pk, today())
    monkeypatch.setattr(runs, "after_run", [lambda *_: services.withdraw(actor(one), adoption.pk, today())])
    queue.run_next()
    assert GridVersion.objects.count() == 1
    assert not ScoringRun.objects.filter(state="ready").exists()


def test_a_grid_to_come_is_withdrawn_and_the_former_goes_on(
    territory: Territory, draft: GridDraft, one: User, two: User
) -> None:
    adoption = adopted(draft, one, two)
    assert GridVersion.objects.get(version=1).effective_to == today()
    services.withdraw(actor(two), adoption.pk, today())
    assert GridVersion.objects.get().effective_to is None
    assert pair(territory, TOMORROW)[0] == 1
    assert runs.forget_replaced(territory.pk, now()) >= 1
    assert adopted(draft, one, two).state == "done"


def test_a_grid_in_force_is_not_withdrawn(draft: GridDraft, one: User, two: User) -> None:
    adoption = adopted(draft, one, two)
    with pytest.raises(Conflict, match="est en vigueur"):
        services.withdraw(actor(two), adoption.pk, TOMORROW)


def test_an_act_confirmed_during_the_run_of_the_day_follows_it(
    territory: Territory, draft: GridDraft, one: User, two: User
) -> None:
    runs.start_due(territory.pk, today())
    adoption = adopted(draft, one, two)
    assert adoption.state == "done"
    assert [run.adoption_id for run in ScoringRun.objects.order_by("pk")] == [None, adoption.pk]


def test_a_calculation_that_failed_is_asked_for_again(
    territory: Territory, draft: GridDraft, one: User, two: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise Refusal("Ce stock ne se lit pas.")

    monkeypatch.setattr(runs, "after_run", [refuse])
    adoption = adopted(draft, one, two)
    run = services.last_run(adoption)
    assert run
    assert (adoption.state, run.state, run.failure) == ("scoring", "failed", "Ce stock ne se lit pas.")
    assert pair(territory, TOMORROW)[0] == 1
    # The days go on with the grid in force, and do not try the act again by themselves.
    runs.keep_up()
    assert ScoringRun.objects.filter(adoption=adoption).count() == 1
    monkeypatch.setattr(runs, "after_run", [])
    queue.run_all()
    services.restart(actor(one), adoption.pk, today())
    with pytest.raises(Conflict):
        services.restart(actor(one), adoption.pk, today())
    queue.run_all()
    adoption.refresh_from_db()
    assert adoption.state == "done"


def test_each_act_is_in_the_journal_with_who_did_it(draft: GridDraft, one: User, two: User) -> None:
    adoption = adopted(draft, one, two)
    services.withdraw(actor(one), adoption.pk, today())
    told = [(line.action, line.actor) for line in journal.history("grid_act", adoption.pk)]
    assert told == [
        ("grid_act.withdrawn", one.name),
        ("grid_act.done", "Palier"),
        ("grid_act.confirmed", two.name),
        ("grid_act.proposed", one.name),
    ]


def test_another_territory_and_another_role_find_no_act(draft: GridDraft, one: User) -> None:
    from tests.factories import make_agent, make_place, make_territory

    adoption = proposed(draft, one)
    stranger = actor(coordinator(make_territory()))
    registrar = actor(make_agent(make_place(adoption.territory)))
    for who in (stranger, registrar):
        for act in (services.confirm, services.withdraw, services.restart):
            with pytest.raises(Http404):
                act(who, adoption.pk, today())
        with pytest.raises(Http404):
            services.propose(who, draft.pk, an_act(), today())
