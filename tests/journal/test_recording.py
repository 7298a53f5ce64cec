"""Protects the writing: an act and its line are kept together or not at all, cheaply, in one gapless chain."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from palier.common.actor import SYSTEM
from palier.journal import api as journal
from palier.journal import triggers
from palier.journal.models import Entry, Head
from tests.journal.conftest import ACTOR


def numbers() -> list[int]:
    return list(Entry.objects.order_by("number").values_list("number", flat=True))


@pytest.mark.django_db
def test_a_line_says_who_did_what_to_what(anchor_dir: Path) -> None:
    entry = journal.record(ACTOR, "demand.registered", "demand", 12, {"filed_on": date(2026, 11, 20)})
    stored = Entry.objects.get(number=entry.number)
    assert (stored.actor_id, stored.actor, stored.role) == (7, "Mme Exemple", "registrar")
    assert (stored.organisation_id, stored.organisation) == (3, "CCAS d’Exemple")
    assert (stored.action, stored.subject_type, stored.subject_id) == ("demand.registered", "demand", "12")
    assert json.loads(stored.data) == {"filed_on": "2026-11-20"}


@pytest.mark.django_db
def test_one_line_costs_three_queries(anchor_dir: Path, django_assert_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_num_queries(3):
        journal.record(ACTOR, "demand.read", "demand", 1)


@pytest.mark.django_db
def test_many_lines_cost_as_much_as_one_and_share_an_anchor(
    anchor_dir: Path, django_assert_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    acts = [journal.Act("demand.read", "demand", number) for number in range(50)]
    with django_capture_on_commit_callbacks(execute=True), django_assert_num_queries(3):
        entries = journal.record_many(ACTOR, acts)
    assert [entry.number for entry in entries] == list(range(1, 51))
    (path,) = anchor_dir.iterdir()
    assert [line.split()[0] for line in path.read_text().splitlines()] == ["0", "50"]
    assert journal.verify_report().sound
    assert journal.record_many(ACTOR, []) == []


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["O’Exemple-Démonstration", "نموذج", "🏠", "a\x00b", "\ud800", "x" * 5000])
def test_any_text_can_stand_in_the_data(anchor_dir: Path, text: str) -> None:
    journal.record(ACTOR, "search.made", "place", 1, {"text": text})
    assert journal.history("place", 1)[0].data == {"text": text}
    assert not [problem for problem in journal.verify_report().problems if "ligne n°" in problem]


@pytest.mark.django_db
def test_a_name_too_long_is_shortened_rather_than_lost(anchor_dir: Path) -> None:
    journal.record(replace(ACTOR, name="x" * 500, organisation="y" * 500), "demand.read", "demand", 1)
    assert Entry.objects.get().actor == "x" * 200


@pytest.mark.django_db(transaction=True)
def test_a_line_is_undone_with_the_act_it_tells(anchor_dir: Path) -> None:
    journal.record(ACTOR, "demand.read", "demand", 1)
    with transaction.atomic():
        journal.record(ACTOR, "demand.registered", "demand", 1)
        journal.record(ACTOR, "demand.read", "demand", 1)
        transaction.set_rollback(True)
    assert numbers() == [1]
    journal.record(ACTOR, "demand.read", "demand", 2)
    report = journal.verify_report()
    assert report.problems == []
    assert report.anchors == 3


@pytest.mark.django_db(transaction=True)
def test_a_part_of_a_transaction_can_be_undone_without_a_false_anchor(anchor_dir: Path) -> None:
    with transaction.atomic():
        journal.record(ACTOR, "demand.read", "demand", 1)
        with transaction.atomic():
            journal.record(ACTOR, "demand.read", "demand", 2)
            transaction.set_rollback(True)
        journal.record(ACTOR, "demand.read", "demand", 3)
    assert numbers() == [1, 2]
    assert journal.verify_report().problems == []


@pytest.mark.django_db(transaction=True)
def test_each_commit_is_anchored_in_a_private_file_of_its_month(anchor_dir: Path) -> None:
    with time_machine.travel(datetime(2026, 11, 30, 22, 0, tzinfo=UTC), tick=False):
        journal.record(ACTOR, "demand.read", "demand", 1)
    with time_machine.travel(datetime(2026, 12, 1, 8, 0, tzinfo=UTC), tick=False):
        entry = journal.record(ACTOR, "demand.read", "demand", 2)
    november, december = sorted(anchor_dir.iterdir())
    assert november.name == "journal-2026-11.txt"
    assert [line.split()[0] for line in november.read_text().splitlines()] == ["0", "1"]
    lines = december.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert lines[-1] == f"2 {entry.hash} 2026-12-01T08:00:00.000000+00:00"
    assert november.stat().st_mode & 0o777 == 0o600
    assert anchor_dir.stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db(transaction=True)
def test_an_anchor_lost_in_a_crash_is_written_by_the_next_act(
    anchor_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.record(ACTOR, "demand.read", "demand", 1)
    with monkeypatch.context() as patched:
        patched.setattr("palier.journal.anchors._append", lambda *_, **__: None)
        journal.record(ACTOR, "demand.read", "demand", 2)
    assert "Les ancres s’arrêtent" in journal.verify_report().problems[0]
    journal.record(ACTOR, "demand.read", "demand", 3)
    assert journal.verify_report().problems == []
    (path,) = anchor_dir.iterdir()
    assert [line.split()[0] for line in path.read_text().splitlines()] == ["0", "1", "2", "3"]


@pytest.mark.django_db(transaction=True)
def test_without_anchors_nothing_more_is_recorded(anchor_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    with transaction.atomic():
        journal.record(ACTOR, "demand.read", "demand", 1)
        # The disk of the anchors goes away before this transaction commits.
        (anchor_dir / "journal.tmp").write_text("")
        for path in anchor_dir.iterdir():
            path.unlink()
        anchor_dir.rmdir()
        anchor_dir.write_text("not a directory")
    assert "cannot be written" in caplog.text
    assert numbers() == [1]
    with pytest.raises(journal.JournalUnavailable) as caught:
        journal.record(ACTOR, "demand.read", "demand", 2)
    assert "Rien n’a été enregistré" in caught.value.sentence
    assert numbers() == [1]
    anchor_dir.unlink()
    journal.record(ACTOR, "demand.read", "demand", 3)
    assert numbers() == [1, 2]


@pytest.mark.django_db
def test_a_journal_that_lost_its_head_is_not_written(anchor_dir: Path) -> None:
    Head.objects.all().delete()
    with pytest.raises(journal.JournalUnavailable):
        journal.record(ACTOR, "demand.read", "demand", 1)


@pytest.mark.django_db
def test_a_journal_without_anchor_directory_still_chains(settings: Any) -> None:
    settings.PALIER_ANCHOR_DIR = None
    journal.record(ACTOR, "demand.read", "demand", 1)
    assert "sans ancre au-dehors" in journal.verify_report().summary


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_writers_make_one_gapless_chain(anchor_dir: Path) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def work(writer: int) -> None:
        try:
            start.wait()
            for turn in range(15):
                with transaction.atomic():
                    journal.record(replace(ACTOR, user_id=writer), "demand.read", "demand", turn)
                    if turn % 5 == 4:
                        transaction.set_rollback(True)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert numbers() == list(range(1, 8 * 12 + 1))
    assert journal.verify_report().problems == []


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_wait_for_each_other_on_the_embedded_database_too(anchor_dir: Path) -> None:
    def work() -> None:
        for turn in range(5):
            journal.record(ACTOR, "demand.read", "demand", turn)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers() == list(range(1, 16))
    assert journal.verify_report().problems == []


@pytest.mark.django_db
def test_history_is_the_acts_on_one_subject_newest_first(anchor_dir: Path, django_assert_num_queries: Any) -> None:
    journal.record(ACTOR, "demand.registered", "demand", 12, {"n": 1})
    journal.record(ACTOR, "demand.read", "demand", 12)
    journal.record(SYSTEM, "duty.missed", "demand", 12)
    journal.record(ACTOR, "demand.registered", "demand", 13)
    journal.record(ACTOR, "household.updated", "household", 12)
    with django_assert_num_queries(1):
        lines = journal.history("demand", 12)
    assert [(line.action, line.actor) for line in lines] == [
        ("duty.missed", "Palier"),
        ("demand.registered", "Mme Exemple"),
    ]
    assert lines[0].label == "Délai dépassé"
    assert lines[1].data == {"n": 1}
    assert len(journal.history("demand", 12, limit=1)) == 1


@pytest.mark.django_db
def test_readers_are_counted_by_organisation_and_day_in_paris(anchor_dir: Path, django_assert_num_queries: Any) -> None:
    other = replace(ACTOR, user_id=9, name="M. Factice", organisation_id=4, organisation="SIAO d’Exemple")
    # 23:30 UTC on 20 November is already the 21st in Paris.
    for instant, actor in (
        ("2026-11-20T10:00:00Z", ACTOR),
        ("2026-11-20T23:30:00Z", ACTOR),
        ("2026-11-21T09:00:00Z", replace(ACTOR, user_id=8)),
        ("2026-11-21T09:30:00Z", other),
    ):
        with time_machine.travel(instant, tick=False):
            journal.record(actor, "demand.read", "demand", 12)
            journal.record(actor, "demand.updated", "demand", 12)
    with django_assert_num_queries(1):
        readings = journal.readers("demand", 12)
    assert readings == [
        journal.Reading(date(2026, 11, 21), "CCAS d’Exemple", 2),
        journal.Reading(date(2026, 11, 21), "SIAO d’Exemple", 1),
        journal.Reading(date(2026, 11, 20), "CCAS d’Exemple", 1),
    ]


@pytest.mark.django_db
def test_the_latest_lines_are_paged_by_number(anchor_dir: Path, django_assert_num_queries: Any) -> None:
    for number in range(5):
        journal.record(ACTOR, "demand.read", "demand", number)
    with django_assert_num_queries(1):
        assert [line.number for line in journal.latest(limit=2)] == [5, 4]
    assert [line.number for line in journal.latest(before=4, limit=2)] == [3, 2]


@pytest.mark.django_db
def test_the_command_shows_the_lines_of_one_subject(anchor_dir: Path) -> None:
    journal.record(ACTOR, "account.login", "demand", 12, {"n": 1})
    journal.record(SYSTEM, "duty.missed", "demand", 13)
    out = StringIO()
    call_command("journal", "show", "--subject", "demand:12", stdout=out)
    (shown,) = out.getvalue().splitlines()
    assert "Mme Exemple, CCAS d’Exemple" in shown
    assert "Connexion" in shown
    assert '{"n":1}' in shown
    out = StringIO()
    call_command("journal", "show", "--limit", "1", stdout=out)
    assert "demand:13" in out.getvalue()


def test_an_action_has_one_name() -> None:
    journal.describe({"account.login": "Connexion"})
    with pytest.raises(ValueError, match="another label"):
        journal.describe({"account.login": "Autre"})
    assert journal.label_of("unheard.of") == "unheard.of"


@pytest.mark.django_db
def test_the_nightly_check_fails_loudly(anchor_dir: Path, sql: Callable[..., None], caplog: Any) -> None:
    journal.verify_nightly()
    journal.record(ACTOR, "demand.read", "demand", 1)
    sql("UPDATE journal_entry SET actor = 'x'")
    with pytest.raises(RuntimeError):
        journal.verify_nightly()
    assert "modifiée" in caplog.text


@pytest.mark.django_db
def test_the_database_of_a_real_territory_is_never_emptied(anchor_dir: Path, settings: Any) -> None:
    settings.PALIER_DEMO = False
    journal.record(ACTOR, "demand.read", "demand", 1)
    with pytest.raises(CommandError, match="ne se vide pas"):
        call_command("flush", interactive=False)
    assert numbers() == [1]


@pytest.mark.django_db(transaction=True)
def test_a_demonstration_starts_again_with_a_sound_and_protected_journal(anchor_dir: Path) -> None:
    journal.record(ACTOR, "demand.read", "demand", 1)
    call_command("flush", interactive=False, verbosity=0)
    assert numbers() == []
    assert triggers.missing(connection) == []
    assert journal.verify_report().sound
    journal.record(ACTOR, "demand.read", "demand", 1)
    assert journal.verify_report().problems == []
