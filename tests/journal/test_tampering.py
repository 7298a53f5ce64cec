"""Protects the proof: whoever edits, deletes, inserts, moves or cuts a row is found, and the place is named."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from palier.journal import triggers
from palier.journal.chain import Row
from palier.journal.models import Entry, Head
from palier.journal.verification import SHOWN, Report, verify_report
from tests.journal.conftest import ACTOR

Sql = Callable[..., None]


def row(number: int) -> Row:
    return Row(*Entry.objects.values_list(*Row._fields).get(number=number))


def put(sql: Sql, forged: Row) -> None:
    """Insert a row whose hash agrees with its content."""
    values = {**forged._asdict(), "hash": forged.hash()}
    marks = ", ".join(["%s"] * len(values))
    sql(f"INSERT INTO journal_entry ({', '.join(values)}) VALUES ({marks})", *values.values())


def rewrite_from(sql: Sql, number: int, **changes: Any) -> None:
    """Change a row, then seal it and all that follow again, head included: a perfect forgery of the table."""
    rows = [row(n) for n in range(number, Entry.objects.count() + 1)]
    sql("DELETE FROM journal_entry WHERE number >= %s", number)
    previous = rows[0].previous
    for index, old in enumerate(rows):
        forged = old._replace(previous=previous, **(changes if index == 0 else {}))
        put(sql, forged)
        previous = forged.hash()
    Head.objects.update(hash=previous)


def found(*words: str) -> Report:
    report = verify_report()
    assert not report.sound
    text = "\n".join(report.problems)
    for word in words:
        assert word in text, text
    return report


def test_an_untouched_journal_is_sound(ten_rows: None) -> None:
    report = verify_report()
    assert report.problems == []
    assert (report.rows, report.anchors) == (10, 11)
    assert "10\u00a0lignes" in report.summary
    assert "11\u00a0ancres au-dehors" in report.summary


@pytest.mark.django_db
def test_an_empty_journal_is_sound(anchor_dir: Path) -> None:
    report = verify_report()
    assert report.problems == []
    assert report.summary == "Journal intact\u00a0: il est vide."


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE journal_entry SET data = %s WHERE number = 4", '{"section":5}'),
        ("UPDATE journal_entry SET actor = %s WHERE number = 4", "Mme Factice"),
        ("UPDATE journal_entry SET actor_id = %s WHERE number = 4", 8),
        ("UPDATE journal_entry SET organisation = %s WHERE number = 4", "Autre"),
        ("UPDATE journal_entry SET action = %s WHERE number = 4", "demand.updated"),
        ("UPDATE journal_entry SET subject_id = %s WHERE number = 4", "99"),
        ("UPDATE journal_entry SET at = %s WHERE number = 4", "2020-01-01 00:00:00"),
        ("UPDATE journal_entry SET previous = %s WHERE number = 4", "f" * 64),
        ("UPDATE journal_entry SET hash = %s WHERE number = 4", "f" * 64),
    ],
)
def test_an_edited_row_is_named(ten_rows: None, sql: Sql, statement: str, value: Any) -> None:
    sql(statement, value)
    report = found("n°\u00a04 ", "modifiée")
    assert "n°\u00a03 " not in report.problems[0]


def test_an_edited_row_sealed_again_is_named_by_the_next(ten_rows: None, sql: Sql) -> None:
    forged = row(4)._replace(actor="Mme Factice")
    sql("UPDATE journal_entry SET actor = %s, hash = %s WHERE number = 4", forged.actor, forged.hash())
    found("n°\u00a05 ", "ne suit pas la ligne n°\u00a04")


def test_the_last_row_sealed_again_disagrees_with_the_head(ten_rows: None, sql: Sql) -> None:
    forged = row(10)._replace(actor="Mme Factice")
    sql("UPDATE journal_entry SET actor = %s, hash = %s WHERE number = 10", forged.actor, forged.hash())
    found("tête du journal", "n°\u00a010")


def test_a_deleted_row_is_named(ten_rows: None, sql: Sql) -> None:
    sql("DELETE FROM journal_entry WHERE number = 4")
    found("Lacune dans le journal, n°\u00a04\u00a0:")


def test_deleted_first_rows_are_named(ten_rows: None, sql: Sql) -> None:
    sql("DELETE FROM journal_entry WHERE number <= 3")
    found("Lacune dans le journal, n°\u00a01 à 3")


def test_an_inserted_row_is_named(ten_rows: None, sql: Sql) -> None:
    forged = row(5)._replace(actor="Mme Factice")
    sql("UPDATE journal_entry SET number = number + 100 WHERE number >= 5")
    sql("UPDATE journal_entry SET number = number - 99 WHERE number > 100")
    put(sql, forged)
    found("n°\u00a06 ", "modifiée ou déplacée")


def test_a_row_inserted_before_the_first_is_named(ten_rows: None, sql: Sql) -> None:
    put(sql, row(1)._replace(number=0))
    found("n°\u00a00 ", "numéro impossible")


def test_a_row_added_behind_the_head_is_named(ten_rows: None, sql: Sql) -> None:
    put(sql, row(10)._replace(number=11, previous=row(10).hash()))
    found("n°\u00a011", "ajoutées")


def test_a_row_added_with_the_head_moved_has_no_anchor(ten_rows: None, sql: Sql) -> None:
    forged = row(10)._replace(number=11, previous=row(10).hash())
    put(sql, forged)
    Head.objects.update(number=11, hash=forged.hash())
    found("Les ancres s’arrêtent au n°\u00a010", "n°\u00a011")


def test_two_rows_that_changed_places_are_named(ten_rows: None, sql: Sql) -> None:
    sql("UPDATE journal_entry SET number = 99 WHERE number = 4")
    sql("UPDATE journal_entry SET number = 4 WHERE number = 5")
    sql("UPDATE journal_entry SET number = 5 WHERE number = 99")
    found("n°\u00a04 ", "n°\u00a05 ", "déplacée")


def test_a_cut_tail_is_named(ten_rows: None, sql: Sql) -> None:
    sql("DELETE FROM journal_entry WHERE number > 6")
    found("coupée, n°\u00a07 à 10", "tête est au n°\u00a010")


def test_a_cut_tail_is_named_even_with_the_head_moved_back(ten_rows: None, sql: Sql) -> None:
    sql("DELETE FROM journal_entry WHERE number > 6")
    Head.objects.update(number=6, hash=row(6).hash())
    found("coupée, n°\u00a07 à 10")


def test_a_whole_journal_emptied_is_named(ten_rows: None, sql: Sql) -> None:
    sql("DELETE FROM journal_entry")
    Head.objects.update(number=0, hash="0" * 64)
    found("coupée, n°\u00a01 à 10")


def test_a_perfect_rewriting_of_the_table_disagrees_with_the_anchors(ten_rows: None, sql: Sql) -> None:
    rewrite_from(sql, 4, actor="Mme Factice")
    found("n°\u00a04 ", "réécrite", "journal-")


def test_a_deleted_head_is_named(ten_rows: None) -> None:
    Head.objects.all().delete()
    found("tête du journal a été supprimée")


def test_lifted_protections_are_named(ten_rows: None) -> None:
    triggers.remove(connection)
    assert len(found("protection").problems) == 3
    triggers.install(connection)
    assert verify_report().sound


def test_anchors_that_vanished_are_named(ten_rows: None, anchor_dir: Path) -> None:
    for path in anchor_dir.iterdir():
        path.unlink()
    found("Aucune ancre", "10 lignes")


def test_anchors_that_were_rewound_are_named(ten_rows: None, anchor_dir: Path) -> None:
    (path,) = anchor_dir.iterdir()
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:8]))
    found("Les ancres s’arrêtent au n°\u00a07", "n°\u00a010")


def test_an_edited_anchor_is_named(ten_rows: None, anchor_dir: Path) -> None:
    (path,) = anchor_dir.iterdir()
    path.write_text(path.read_text().replace(row(5).hash(), "e" * 64))
    found("n°\u00a05 ", "ligne 6")


def test_a_broken_anchor_line_is_named(ten_rows: None, anchor_dir: Path) -> None:
    (path,) = anchor_dir.iterdir()
    path.write_text(path.read_text() + "11 court 2026\n")
    found("Ancre illisible", "ligne 12")


def test_two_anchors_that_disagree_are_named(ten_rows: None, anchor_dir: Path) -> None:
    (path,) = anchor_dir.iterdir()
    path.write_text(path.read_text() + f"5 {'e' * 64} 2026-11-22T00:00:00+00:00\n")
    found("n°\u00a05 se contredisent")


@pytest.mark.django_db
def test_a_missing_month_of_anchors_is_named(anchor_dir: Path, django_capture_on_commit_callbacks: Any) -> None:
    from palier.journal import api as journal

    for month in (9, 10, 11):
        with (
            time_machine.travel(f"2026-{month:02d}-15T12:00:00Z", tick=False),
            django_capture_on_commit_callbacks(execute=True),
        ):
            journal.record(ACTOR, "demand.read", "demand", 1)
    assert verify_report().sound
    names = sorted(path.name for path in anchor_dir.iterdir())
    assert names == ["journal-2026-09.txt", "journal-2026-10.txt", "journal-2026-11.txt"]
    (anchor_dir / names[1]).unlink()
    found("Des ancres manquent avant le n°\u00a02")
    (anchor_dir / names[0]).unlink()
    found("Des ancres manquent avant le n°\u00a02")


def test_many_problems_are_counted_but_not_all_printed(ten_rows: None, sql: Sql) -> None:
    for number in range(11, 40):
        put(sql, row(number - 1)._replace(number=number, previous="f" * 64))
    report = found("ne suit pas")
    assert len(report.problems) == SHOWN
    assert report.more > 0


def test_the_command_ends_with_0_on_a_sound_journal(ten_rows: None) -> None:
    out = StringIO()
    call_command("journal", "verify", stdout=out)
    assert out.getvalue().startswith("Journal intact")


def test_the_command_ends_with_1_and_names_the_place(ten_rows: None, sql: Sql) -> None:
    sql("DELETE FROM journal_entry WHERE number = 4")
    err = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("journal", "verify", stderr=err)
    assert caught.value.code == 1
    assert "Lacune dans le journal, n°\u00a04\u00a0:" in err.getvalue()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET actor = 'x' WHERE number = 4",
        "DELETE FROM journal_entry WHERE number = 10",
        "DELETE FROM journal_entry",
        "INSERT INTO journal_entry SELECT 11, at, actor_id, actor, role, organisation_id, organisation, action,"
        " subject_type, subject_id, data, previous, hash FROM journal_entry WHERE number = 10",
        "INSERT INTO journal_entry SELECT 12, at, actor_id, actor, role, organisation_id, organisation, action,"
        " subject_type, subject_id, data, hash, hash FROM journal_entry WHERE number = 10",
    ],
)
def test_the_database_refuses_what_is_not_the_next_row(ten_rows: None, refused_sql: Sql, statement: str) -> None:
    refused_sql(statement)
    assert verify_report().sound


def test_the_database_refuses_to_replace_or_truncate(ten_rows: None, refused_sql: Sql) -> None:
    refused_sql(
        "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry WHERE number = 4"
        if connection.vendor == "sqlite"
        else "TRUNCATE journal_entry"
    )
    assert verify_report().sound


def test_the_program_cannot_change_a_row_either(ten_rows: None) -> None:
    from django.db import DatabaseError, transaction

    entry = Entry.objects.get(number=4)
    for attempt in (entry.save, entry.delete, Entry.objects.all().delete):
        with pytest.raises(DatabaseError, match="journal"), transaction.atomic():
            attempt()
    assert verify_report().sound
