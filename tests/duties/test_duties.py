"""Protects what is owed to a household: owed once, settled once, shown in order, counted as it was kept."""

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from palier.common.errors import Refusal
from palier.duties import api as duties
from palier.duties.models import Duty
from palier.journal.models import Entry
from palier.people.models import Household
from palier.territory.models import Place
from tests.duties.conftest import DUE, SINCE, WELCOME
from tests.factories import make_place

Owe = Callable[..., Duty]
TODAY = date(2026, 11, 24)  # a Tuesday
KIND = WELCOME.code


def settle(subject_id: int, on: date = TODAY, outcome: str = "received") -> bool:
    return duties.settle(KIND, "demand", subject_id, on=on, outcome=outcome)


@pytest.mark.django_db
def test_owing_twice_is_owing_once_and_costs_one_query(owe: Owe, django_assert_num_queries: Any) -> None:
    owe(1)
    again = {
        "household_id": Duty.objects.get().household_id,
        "place_id": Duty.objects.get().place_id,
        "since": SINCE,
        "due": DUE,
    }
    with django_assert_num_queries(1):
        duties.owe(KIND, subject_type="demand", subject_id=1, **again)
    assert Duty.objects.count() == 1


def test_a_duty_settled_is_not_owed_again_from_the_same_day(owe: Owe) -> None:
    owe(1)
    settle(1)
    assert owe(1).settled_on == TODAY
    later = owe(1, since=date(2027, 10, 24), due=date(2027, 11, 24))
    assert later.settled_on is None
    assert Duty.objects.count() == 2


def test_only_a_registered_kind_can_be_owed(owe: Owe) -> None:
    with pytest.raises(KeyError):
        duties.owe("nobody", subject_type="demand", subject_id=1, household_id=1, place_id=1, since=SINCE, due=DUE)


def test_nothing_is_due_before_it_starts(owe: Owe) -> None:
    with pytest.raises(ValueError, match="before"):
        owe(1, due=SINCE - timedelta(1))


def test_settling_twice_keeps_the_first_outcome(owe: Owe, django_assert_num_queries: Any) -> None:
    owe(1)
    with django_assert_num_queries(1):
        assert settle(1)
    assert settle(1, on=TODAY + timedelta(1), outcome="declined") is False
    duty = duties.find(KIND, "demand", 1)
    assert duty is not None
    assert (duty.settled_on, duty.outcome) == (TODAY, "received")


def test_settling_before_the_start_is_refused_with_a_sentence(owe: Owe) -> None:
    owe(1)
    with pytest.raises(Refusal) as caught:
        settle(1, on=SINCE - timedelta(1))
    assert (caught.value.sentence, caught.value.field) == ("Cette date précède le début de l’échéance.", "on")
    assert settle(2) is False


def test_a_settling_can_be_undone(owe: Owe) -> None:
    owe(1)
    assert duties.reopen(KIND, "demand", 1) is False
    settle(1)
    assert duties.reopen(KIND, "demand", 1) is True
    duty = Duty.objects.get()
    assert (duty.settled_on, duty.outcome) == (None, "")
    assert duties.reopen(KIND, "demand", 2) is False


def test_only_the_latest_settling_can_be_undone(owe: Owe) -> None:
    owe(1)
    settle(1)
    owe(1, since=date(2027, 10, 24), due=date(2027, 11, 24))
    assert duties.reopen(KIND, "demand", 1) is False
    assert Duty.objects.filter(settled_on=None).count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"due": SINCE - timedelta(1)},
        {"settled_on": SINCE - timedelta(1), "outcome": "received"},
        {"settled_on": TODAY, "outcome": ""},
        {"settled_on": None, "outcome": "received"},
        {"missed_on": DUE},
    ],
)
def test_the_database_refuses_impossible_dates(owe: Owe, values: dict[str, Any]) -> None:
    duty = owe(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.filter(pk=duty.pk).update(**values)


def test_the_worklist_puts_the_oldest_first_in_groups_with_words(owe: Owe, place: Place) -> None:
    owe(3, due=date(2027, 1, 12))
    owe(1, due=date(2026, 11, 21))
    owe(2, due=date(2026, 11, 26))
    owe(4, due=date(2026, 11, 10))
    settle(4)
    todo = duties.worklist([place.pk], TODAY)
    assert [(group.code, group.label) for group in todo.groups] == [
        ("late", "En retard"),
        ("week", "Cette semaine"),
        ("later", "Plus tard"),
    ]
    late, week, later = (group.items[0] for group in todo.groups)
    assert (late.when, week.when, later.when) == ("depuis 3\u00a0jours", "jeudi 26", "le 12 janvier")
    assert (late.tag, week.tag, later.tag) == ("tag-late", "tag-soon", "tag-neutral")
    assert late.why == "Le délai est dépassé depuis le 21 novembre 2026."
    assert week.why == "Dans le délai\u00a0: il court jusqu’au 26 novembre 2026."
    assert late.title == "Recevoir le ménage\u00a0: demande du 24 octobre 2026"
    assert (late.household, late.place) == ("Famille Exemple-Modèle", "CCAS d’Exemple")
    assert (late.action, late.url, late.action_url) == (
        "Fixer un rendez-vous",
        "/dossier/1/",
        "/dossier/1/recevoir/",
    )
    assert (todo.shown, todo.late, todo.more) == (3, 1, False)


def test_the_worklist_of_a_place_shows_nothing_of_another(owe: Owe, place: Place) -> None:
    other = make_place(place.territory)
    owe(1)
    owe(2, place_id=other.pk)
    (group,) = duties.worklist([other.pk], TODAY).groups
    assert [item.url for item in group.items] == ["/dossier/2/"]
    assert duties.worklist([], TODAY).groups == []


@pytest.mark.parametrize("rows", [10, 1000])
def test_the_worklist_is_one_query_whatever_its_length(
    rows: int, place: Place, household: Household, django_assert_num_queries: Any
) -> None:
    Duty.objects.bulk_create(
        Duty(kind=KIND, subject_type="demand", subject_id=n, household=household, place=place, since=SINCE, due=DUE)
        for n in range(rows)
    )
    with django_assert_num_queries(1):
        todo = duties.worklist([place.pk], TODAY, limit=20)
    assert (todo.shown, todo.more) == (min(rows, 20), rows > 20)


def test_compliance_counts_what_was_kept_place_by_place_in_one_query(
    owe: Owe, place: Place, django_assert_num_queries: Any
) -> None:
    other = make_place(place.territory, name="Autre lieu d’Exemple")
    owe(1)
    settle(1, on=DUE)
    owe(2, due=date(2026, 11, 20))
    settle(2, on=date(2026, 11, 21))
    owe(3, due=date(2026, 11, 20))
    owe(4, due=date(2026, 11, 30))
    owe(5)
    settle(5, outcome="declined")
    owe(6, due=date(2027, 2, 1))
    owe(7, place_id=other.pk, due=date(2026, 11, 30))
    period = (date(2026, 11, 1), date(2026, 11, 30))
    with django_assert_num_queries(1):
        rows = duties.compliance([place.pk, other.pk], *period, TODAY)
    assert rows == [
        duties.Compliance(other.pk, "Autre lieu d’Exemple", 1, 0, 0, 0, 1),
        duties.Compliance(place.pk, "CCAS d’Exemple", 4, 1, 1, 1, 1),
    ]
    assert [row.rate for row in rows] == [None, 33]
    assert duties.compliance(None, *period, TODAY, territory_id=place.territory_id) == rows
    assert duties.compliance(None, *period, TODAY, territory_id=place.territory_id + 1) == []
    assert duties.compliance([place.pk], *period, TODAY, kind="other") == []


def test_compliance_of_a_past_day_forgets_what_came_after(owe: Owe, place: Place) -> None:
    owe(1, due=date(2026, 11, 20))
    settle(1, on=date(2026, 11, 22))
    (row,) = duties.compliance([place.pk], date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 21))
    assert (row.open_late, row.late) == (1, 0)
    (row,) = duties.compliance([place.pk], date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 22))
    assert (row.open_late, row.late) == (0, 1)


def test_each_missed_duty_is_written_once_in_the_journal(owe: Owe) -> None:
    owe(1, due=date(2026, 11, 23))
    owe(2, due=TODAY)
    owe(3, due=date(2026, 11, 20))
    settle(3, on=date(2026, 11, 22))
    assert duties.flag_missed(TODAY) == 1
    assert duties.flag_missed(TODAY) == 0
    (entry,) = Entry.objects.filter(action="duty.missed")
    assert (entry.actor, entry.subject_type, entry.subject_id) == ("Palier", "demand", "1")
    assert json.loads(entry.data) == {"due": "2026-11-23", "kind": KIND}
    assert duties.flag_missed(TODAY + timedelta(1)) == 1


def test_missed_duties_are_written_in_sets(
    place: Place, household: Household, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr("palier.duties.services.BATCH", 40)
    Duty.objects.bulk_create(
        Duty(kind=KIND, subject_type="demand", subject_id=n, household=household, place=place, since=SINCE, due=DUE)
        for n in range(80)
    )
    # Two full sets of seven queries (savepoint, read, mark, three of the journal, release), then an empty one.
    with django_assert_num_queries(7 + 7 + 3):
        assert duties.flag_missed(DUE + timedelta(1)) == 80
    assert Entry.objects.filter(action="duty.missed").count() == 80


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_agents_owe_and_settle_once(owe: Owe, place: Place, household: Household) -> None:
    settled: list[bool] = []
    failures: list[BaseException] = []
    start = threading.Barrier(6)

    def work() -> None:
        try:
            start.wait()
            owe(1)
            settled.append(settle(1))
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Duty.objects.count() == 1
    assert settled.count(True) == 1
