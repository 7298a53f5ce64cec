"""Protects the legal numbers: each has a source, one value a day, and a file keeps the rule of its time."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from palier.common import yamlfile
from palier.common.errors import Refusal
from palier.law import api as law
from palier.law.models import LocalValue
from palier.law.parameters import definitions, national, read

D = date.fromisoformat


@pytest.mark.parametrize(
    ("code", "on", "words"),
    [
        ("reception_delay", "2026-11-22", "1\u00a0mois"),
        ("reception_delay_dense", "2026-11-22", "2\u00a0mois"),
        ("registration_certificate_delay", "2026-11-22", "1\u00a0mois"),
        ("pieces_delay", "2026-11-22", "15\u00a0jours"),
        ("demand_validity", "2026-11-22", "12\u00a0mois"),
        ("minimum_group_size", "2026-11-22", "11\u00a0personnes"),
        ("adult_age", "2026-11-22", "18\u00a0ans"),
        ("overcrowding_two", "2026-11-22", "16\u00a0m²"),
        ("dsf_interview_delay", "2026-11-22", "15\u00a0jours ouvrés"),
        ("winter_truce_first", "2026-11-22", "11-01"),
        # The delay of the clause changed with the law of 27 July 2023.
        ("termination_clause_delay", "2023-07-28", "2\u00a0mois"),
        ("termination_clause_delay", "2023-07-29", "6\u00a0semaines"),
        # The rule of unpaid rent changes on 1 January 2027, both ways.
        ("housing_aid_arrears_amount", "2027-01-01", "450\u00a0€"),
        ("caf_simplified_amount", "2026-12-31", "100\u00a0€"),
    ],
)
def test_value_in_force(code: str, on: str, words: str) -> None:
    assert law.parameter(code, on=D(on)).words == words


@pytest.mark.parametrize(
    ("code", "start", "after", "before"),
    [
        ("reception_delay", "2026-01-31", "2026-02-28", "2025-12-31"),
        ("strike_off_delay", "2025-03-10", "2026-04-10", "2024-02-10"),
        ("revival_limit", "2025-03-10", "2026-09-10", "2023-09-10"),
        ("pieces_delay", "2026-11-22", "2026-12-07", "2026-11-07"),
        ("summons_notice_to_prefect", "2026-06-16", "2026-07-28", "2026-05-05"),
        ("dsf_sending_before_hearing", "2026-05-18", "2026-05-26", "2026-05-07"),
        ("payment_terms_max", "2024-02-29", "2027-02-28", "2021-02-28"),
        # A time limit to act is extended forward, never backward.
        ("court_appeal_delay", "2026-03-10", "2026-05-11", "2026-01-10"),
        ("eviction_order_delay", "2026-03-10", "2026-05-10", "2026-01-10"),
    ],
)
def test_delay_counted_from_and_before_a_day(code: str, start: str, after: str, before: str) -> None:
    delay = law.parameter(code, on=D("2026-11-22"))
    assert delay.after(D(start)) == D(after)
    assert delay.before(D(start)) == D(before)


@pytest.mark.parametrize(
    ("unit", "after"),
    [("business_days", "2026-05-02"), ("working_days", "2026-05-04"), ("clear_days", "2026-05-02")],
)
def test_each_kind_of_day_is_counted_its_own_way(unit: str, after: str) -> None:
    text = f"x: {{label: Essai, values: [{{value: 1, unit: {unit}, source: article, status: VU}}]}}"
    (row,) = read(yamlfile.parse(text, "essai.yaml"))["x"].values
    delay = law.Parameter(code="x", label="Essai", **dict(row))
    assert delay.after(D("2026-04-30")) == D(after)


def test_what_is_not_a_duration_cannot_be_counted_from_a_day() -> None:
    with pytest.raises(ValueError, match="durée"):
        law.parameter("adult_age", on=D("2026-11-22")).after(D("2026-11-22"))


@pytest.mark.parametrize(
    ("code", "on", "sentence"),
    [
        ("nowhere", "2026-11-22", "n’existe pas"),
        ("caf_simplified_amount", "2027-01-01", "en vigueur le 1er janvier 2027"),
        ("housing_aid_arrears_amount", "2026-12-31", "en vigueur le 31 décembre 2026"),
        ("abnormal_delay", "2026-11-22", "en vigueur"),
    ],
)
def test_no_value_is_said_clearly_and_never_guessed(code: str, on: str, sentence: str) -> None:
    with pytest.raises(law.NoValue) as caught:
        law.parameter(code, on=D(on))
    assert sentence in str(caught.value)


def test_every_parameter_has_a_source_and_a_readable_value() -> None:
    for code in definitions():
        for value in national(code):
            assert value.source
            assert value.words
            assert value.validity
            assert value.status


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x: {label: Essai, values: [{value: 1, unit: months, source: article}]}", "obligatoire"),
        ("x: {label: Essai, values: [{value: 1, unit: lunes, source: article, status: VU}]}", "inconnue"),
        ("x: {label: Essai, values: [{value: un, unit: months, source: article, status: VU}]}", "ne convient pas"),
        ("x: {label: Essai, values: [{value: 1, unit: text, source: article, status: VU}]}", "ne convient pas"),
        (
            "x: {label: Essai, values: [{value: 1, unit: months, valid_from: 2026-02-01, valid_to: 2026-01-01,"
            " source: article, status: VU}]}",
            "précède",
        ),
        (
            "x:\n  label: Essai\n  values:\n"
            "    - {value: 1, unit: months, valid_to: 2026-01-01, source: article, status: VU}\n"
            "    - {value: 2, unit: months, valid_from: 2026-01-01, source: article, status: VU}\n",
            "le même jour",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(yamlfile.FileProblems) as caught:
        read(yamlfile.parse(text, "essai.yaml"))
    assert sentence in str(caught.value)
    assert "ligne" in str(caught.value)


def own(code: str, value: int, start: str, end: str | None = None) -> law.LocalRow:
    return law.LocalRow(code, value, D(start), D(end) if end else None, "Délibération d’exemple")


@pytest.mark.django_db
def test_a_territory_keeps_its_own_value_for_the_time_it_voted(django_assert_num_queries) -> None:
    law.set_local_values(1, [own("reception_delay", 2, "2025-01-01", "2025-12-31")])
    with django_assert_num_queries(1):
        value = law.parameter("reception_delay", on=D("2025-12-31"), territory_id=1)
    assert (value.words, value.source, value.territory_id) == ("2\u00a0mois", "Délibération d’exemple", 1)
    assert law.parameter("reception_delay", on=D("2026-01-01"), territory_id=1).territory_id is None
    assert int(law.parameter("reception_delay", on=D("2025-12-31"), territory_id=2)) == 1
    with django_assert_num_queries(0):
        assert int(law.parameter("demand_validity", on=D("2025-12-31"), territory_id=1)) == 12


@pytest.mark.django_db
def test_a_number_left_to_the_prefect_exists_only_where_it_was_set() -> None:
    law.set_local_values(1, [own("abnormal_delay", 24, "2026-01-01")])
    assert law.parameter("abnormal_delay", on=D("2026-11-22"), territory_id=1).words == "24\u00a0mois"
    with pytest.raises(law.NoValue):
        law.parameter("abnormal_delay", on=D("2026-11-22"), territory_id=2)


@pytest.mark.django_db
def test_loading_the_same_own_values_twice_changes_nothing() -> None:
    rows = [own("reception_delay", 2, "2025-01-01"), own("minimum_group_size", 20, "2025-01-01")]
    assert law.set_local_values(1, rows) == 2
    assert law.set_local_values(1, rows) == 0
    assert law.set_local_values(1, rows[:1]) == 1
    assert [row.code for row in LocalValue.objects.all()] == ["reception_delay"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([own("nowhere", 1, "2025-01-01")], "n’existe pas"),
        ([own("demand_validity", 11, "2025-01-01")], "ne laisse pas"),
        ([own("reception_delay", 3, "2025-01-01")], "hors des bornes"),
        ([own("reception_delay", 1, "2025-01-01", "2024-12-31")], "précède"),
        (
            [own("reception_delay", 1, "2025-01-01", "2025-06-30"), own("reception_delay", 2, "2025-06-30")],
            "le 30 juin 2025",
        ),
    ],
)
def test_an_unlawful_own_value_is_refused_and_nothing_is_kept(rows: list[law.LocalRow], sentence: str) -> None:
    with pytest.raises(Refusal) as caught:
        law.set_local_values(1, [own("minimum_group_size", 20, "2025-01-01"), *rows])
    assert sentence in caught.value.sentence
    assert not LocalValue.objects.exists()


def output(*arguments: str) -> str:
    out = StringIO()
    call_command("law", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_every_parameter_with_its_value_and_source() -> None:
    lines = output("list", "--on", "2026-11-22").splitlines()
    assert len(lines) == len(definitions())
    assert any("reception_delay" in line and "1\u00a0mois" in line and "L441-2-8" in line for line in lines)
    assert any("abnormal_delay" in line and "aucune valeur" in line for line in lines)


def test_the_command_shows_each_value_of_a_parameter_with_its_time() -> None:
    shown = output("show", "termination_clause_delay")
    assert "jusqu’au 28 juillet 2023" in shown
    assert "6\u00a0semaines, depuis le 29 juillet 2023" in shown
    assert "lu dans le texte" in shown
    assert "de 1 à 2" in output("show", "reception_delay")
    assert "CPC art. 642" in output("show", "court_appeal_delay")


def test_the_command_says_that_a_code_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        call_command("law", "show", "nowhere")
    assert caught.value.code == 2
    assert "n’existe pas" in capsys.readouterr().err
