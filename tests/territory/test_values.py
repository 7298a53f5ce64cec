"""Dated values of a territory: its file by line, its page for who holds the right, nothing edited silently."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import today
from palier.common.errors import Refusal
from palier.common.yamlfile import parse
from palier.journal.models import Entry
from palier.law import api as law
from palier.law.models import LocalTable, LocalValue
from palier.territory import tables, values
from palier.territory.files import Folder
from palier.territory.models import Territory
from tests.factories import make_agent, make_place, make_territory, sign_in

FILE = """\
plafonds:
  - financement: plus
    zone: autres
    du: 2027-01-01
    montants: [24000, 32000, 38000, 46000, 54000, 61000, 6800]
    source: Arrêté factice
tailles:
  - du: 2026-01-01
    types: [[T1, T1], [T2, T3], [T3, T3], [T4, T4], [T4, T5], [T5, T6P]]
    source: Délibération factice
delais:
  - du: 2026-01-01
    source: Arrêté factice du préfet
    lignes:
      - {types: [T1, T2], mois: 24}
      - {types: [T4], communes: ["62427"], mois: 36}
"""
URL, ADD = "territory:values", "territory:value_add"


def problems(text: str) -> list[str]:
    return [str(one) for one in tables.check(parse(text, tables.FILE), Folder(Path(), {}))]


def test_a_sound_file_has_no_problem() -> None:
    assert problems(FILE) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("6800]", "]", "ligne 2 (plafonds[0])"),
        ("[24000,", "[99000,", "croissent"),
        ("financement: plus", "financement: plu", "ligne 2 (plafonds[0].financement)"),
        ("zone: autres", "zone: lune", "ligne 3"),
        ("du: 2027-01-01", "du: demain", "ligne 4"),
        ("source: Arrêté factice", "sources: Arrêté", "ligne 6"),
        ("[T1, T1]", "[T1, T9]", "ligne 8 (tailles[0])"),
        ("[T1, T1]", "[T2, T1]", "le plus petit type"),
        ("tailles:", "tailles: []\ntaille:", "clé inconnue"),
        ("mois: 36", "mois: 0", "lignes de codes"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, told: str) -> None:
    found = problems(FILE.replace(old, new, 1))
    assert any(told in one for one in found), found


@pytest.mark.django_db
def test_loading_writes_what_changed_and_nothing_twice() -> None:
    territory, source = make_territory(), parse(FILE, tables.FILE)
    folder = Folder(Path(), {})
    assert tables.load(territory, source, folder) == ["~ barèmes du territoire\u00a0: 3\u00a0tables changées"]
    assert tables.load(territory, source, folder) == []
    assert set(law.local_tables(territory.pk, date(2027, 1, 1))) == {
        "ceilings_plus_autres",
        "adequacy",
        "abnormal_delays",
    }


@pytest.mark.parametrize(
    ("code", "typed", "read"),
    [
        ("abnormal_delay", "18", 18),
        ("first_quartile_threshold", "9\u202f243", 9243),
        ("ceilings_plus_autres", "1 ; 2;3 ;4;5; 6;7", (1, 2, 3, 4, 5, 6, 7)),
        ("adequacy", "T1-T2, t2-t3", (("T1", "T2"), ("T2", "T3"))),
        ("abnormal_delays", "t1, T2 : 24 ; 2A004 : 30;", (("T1", "T2", 24), ("2A004", 30))),
    ],
)
def test_what_is_typed_is_read(code: str, typed: str, read: object) -> None:
    assert (values.read_table(code, typed) if code in law.TABLES else values.read_number(typed)) == read


@pytest.mark.parametrize("typed", ["", "dix", "18,5", "-3", "9" * 12])
def test_what_is_no_whole_number_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="entier"):
        values.read_number(typed)


# The page.


@pytest.fixture
def territory(db: None) -> Territory:
    return make_territory()


@pytest.fixture
def pilot(territory: Territory) -> Client:
    return sign_in(Client(), make_agent(make_place(territory, level=1), "coordinator"))


def sent(**more: str) -> dict[str, str]:
    return {"value": "18", "valid_from": "01/01/2026", "valid_to": "", "source": "Arrêté factice", **more}


def test_the_page_lists_what_the_law_leaves_and_what_is_missing(pilot: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        text = pilot.get(reverse(URL)).content.decode()
    assert text.count("<h1") == 1
    assert len(queries) <= 6, [q["sql"][:90] for q in queries.captured_queries]
    for words in (
        "Délai anormalement long",
        "Non renseigné",
        "sans valeur propre",
        "Plafonds de ressources PLUS",
        "agglomération de plus de 300 000 habitants",
        "Lu dans une source qui le cite",
    ):
        assert words in text, words


def test_a_dated_value_is_added_with_its_source_and_journaled(pilot: Client, territory: Territory) -> None:
    url = reverse(ADD) + "?code=abnormal_delay"
    assert "de 1 à 240" in pilot.get(url).content.decode()
    text = pilot.post(url, sent(), follow=True).content.decode()
    assert "18\u00a0mois" in text
    assert "Arrêté factice" in text
    row = LocalValue.objects.get()
    assert (row.territory_id, row.value, row.entered_on) == (territory.pk, 18, today())
    entry: Any = Entry.objects.order_by("-number").first()
    assert (entry.action, "abnormal_delay" in entry.data) == ("territory.value_added", True)


def test_another_value_leaves_the_first_readable(pilot: Client) -> None:
    url = reverse(ADD) + "?code=abnormal_delay"
    pilot.post(url, sent(value="180"))
    text = pilot.post(url, sent(source="Arrêté relu"), follow=True).content.decode()
    assert [row.value for row in LocalValue.objects.order_by("pk")] == [180, 18]
    assert "180\u00a0mois" in text
    assert text.count("en vigueur</span>") == 1


def test_tables_are_added_too(pilot: Client) -> None:
    amounts = "24000; 32000; 38000; 46000; 54000; 61000; 6800"
    assert pilot.post(reverse(ADD) + "?code=ceilings_plus_autres", sent(value=amounts)).status_code == 302
    assert (
        pilot.post(reverse(ADD) + "?code=adequacy", sent(value="T1-T1 T2-T3 T3-T3 T4-T4 T4-T5 T5-T6P")).status_code
        == 302
    )
    assert LocalTable.objects.count() == 2
    assert "Délibération" not in pilot.get(reverse(URL)).content.decode()


@pytest.mark.parametrize(
    ("code", "data", "sentence"),
    [
        ("abnormal_delay", {"value": "999"}, "hors des bornes"),
        ("abnormal_delays", {"value": "62999 : 24"}, "du territoire\u00a0: 62999"),
        ("abnormal_delays", {"value": "T1 : 999"}, "lignes de codes"),
        ("abnormal_delay", {"value": "dix"}, "entier"),
        ("abnormal_delay", {"source": ""}, "obligatoire"),
        ("abnormal_delay", {"valid_from": "31/02/2026"}, "n’existe pas"),
        ("abnormal_delay", {"valid_to": "31/12/2025"}, "précède"),
        ("ceilings_plus_autres", {"value": "1;2"}, "Sept montants"),
        ("adequacy", {"value": "T1-T2"}, "Six paires"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(pilot: Client, code: str, data: dict[str, str], sentence: str) -> None:
    answer = pilot.post(f"{reverse(ADD)}?code={code}", sent(**data))
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not LocalValue.objects.exists()
    assert not LocalTable.objects.exists()


@pytest.mark.parametrize("code", ["", "reception_delay_dense", "inconnu", "demand_validity"])
def test_what_the_law_does_not_leave_cannot_be_set(pilot: Client, code: str) -> None:
    assert pilot.post(f"{reverse(ADD)}?code={code}", sent()).status_code == 302
    assert not LocalValue.objects.exists()


@pytest.mark.parametrize("role", ["registrar", "informer", "auditor", "administrator"])
def test_without_the_right_the_page_does_not_exist(territory: Territory, role: str) -> None:
    client = sign_in(Client(), make_agent(make_place(territory, level=2), role))
    for name in (URL, ADD):
        assert client.get(reverse(name)).status_code == 404
        assert client.post(reverse(name) + "?code=abnormal_delay", sent()).status_code in (404, 405)
    assert not LocalValue.objects.exists()


def test_a_territory_sees_and_sets_its_own_only(pilot: Client, territory: Territory) -> None:
    other = make_territory()
    law.add_local_value(other.pk, law.LocalRow("abnormal_delay", 77, date(2026, 1, 1), None, "Autre"), today())
    assert "77\u00a0mois" not in pilot.get(reverse(URL)).content.decode()


def test_a_value_to_come_is_listed_and_not_in_force(pilot: Client) -> None:
    later = today() + timedelta(days=30)
    text = pilot.post(
        reverse(ADD) + "?code=abnormal_delay", sent(valid_from=f"{later:%d/%m/%Y}"), follow=True
    ).content.decode()
    assert "18\u00a0mois" in text
    assert "en vigueur</span>" not in text
