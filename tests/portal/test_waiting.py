"""« Délais d’attente constatés » and the position of an estimate: figures that designate nobody, with their source."""

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from palier.cotation.enums import WorkState
from palier.cotation.models import Attribution, AttributionFile, GridVersion, PositionCell, ScoringRun
from palier.territory.models import Territory
from tests.factories import make_commune, make_territory

URL, ESTIMATE = "/delais-constates/", "/estimer-ma-note/"
ON = date(2026, 11, 22)
CARVIN = "62215"
WISH = {"typologie": "t3", "parmi": CARVIN}


@pytest.fixture(autouse=True)
def _day() -> Any:
    with time_machine.travel("2026-11-22T09:00:00+01:00", tick=False):
        yield


@pytest.fixture
def counted(henin: Territory) -> Territory:
    """A calculation in which sixty demands seek a T3 in Carvin."""
    version = GridVersion.objects.get(territory=henin)
    run = ScoringRun.objects.create(territory=henin, version=version, on=ON, state=WorkState.READY)
    for score, count in {0: 20, 30: 25, 90: 15}.items():
        PositionCell.objects.create(run=run, commune=CARVIN, typology="t3", declared=score, count=count)
    return henin


def words(page: Any) -> str:
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page.content.decode()))


def test_waiting_times_are_told_by_type_and_commune_with_source_and_period(client: Client, henin: Territory) -> None:
    said = words(client.get(URL))
    assert "Attente pour un T3, du dépôt au bail" in said
    assert re.search(r"Tout le territoire \d+ mois entre \d+ et \d+ mois \d+", said)
    assert re.search(r"Hénin-Beaumont \d+ mois", said)
    assert "Trop peu de cas pour le dire" in said
    assert "Baux signés du 23 novembre 2024 au 22 novembre 2026" in said
    assert "Délais inventés pour la démonstration" in said
    assert "Source : Attributions inventées pour la démonstration" in said
    assert "la commission d’attribution décide" in said


def test_no_figure_comes_from_less_than_eleven_cases(client: Client, henin: Territory) -> None:
    rows = Attribution.objects.filter(territory=henin, typology="t3", commune=CARVIN)
    rows.filter(pk__in=list(rows.values_list("pk", flat=True)[10:])).delete()
    table = client.get(URL).content.decode().split('id="t3"')[1].split("</table>")
    assert ">Carvin<" not in table[0]
    assert "Carvin" in table[1].split("</p>")[0]


def test_another_territory_adds_nothing(client: Client, henin: Territory) -> None:
    before = client.get(URL).content
    other = make_territory()
    make_commune(other, insee="99001")
    Attribution.objects.bulk_create(
        Attribution(territory=other, commune=CARVIN, typology="t3", filed_on=ON, signed_on=ON) for _ in range(50)
    )
    assert client.get(URL).content == before


def test_without_attributions_it_is_said(client: Client, henin: Territory) -> None:
    AttributionFile.objects.all().delete()
    assert "Aucune attribution récente" in words(client.get(URL))


def test_before_the_territory_is_loaded_the_page_stands(client: Client, db: None) -> None:
    assert "Délais d’attente constatés" in words(client.get(URL))


def test_the_page_takes_five_queries_and_only_reads(client: Client, henin: Territory) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(URL).status_code == 200
    assert len(queries) <= 6, [query["sql"][:90] for query in queries.captured_queries]
    assert client.post(URL).status_code == 405


def test_an_estimate_is_compared_with_what_is_sought(client: Client, counted: Territory) -> None:
    page = client.post(ESTIMATE, {**WISH, "age": "40"})
    said = words(page)
    assert "Sur environ 60 demandes comparables" in said
    assert "T3, Carvin, tranche de ressources non connue" in said
    text = page.content.decode()
    assert text.index('<div class="no-print">') < text.index('role="img"') < text.index("L’estimation ne s’imprime pas")
    assert not page.cookies


def test_the_bracket_given_chooses_the_group(client: Client, counted: Territory) -> None:
    said = words(client.post(ESTIMATE, {**WISH, "tranche": "plai"}))
    assert "T3, Carvin, ressources sous le plafond PLAI" in said
    assert "Moins de 11 demandes sont comparables" in said


def test_trying_other_scores_shows_the_same_table(client: Client, counted: Territory) -> None:
    tables = set()
    for depot in ("11/2026", "03/2024", "01/2015"):
        page = client.post(ESTIMATE, {**WISH, "depot": depot}).content.decode()
        rows = re.findall(r'<th scope="row">(\d+ à \d+)[^<]*(?:<span[^<]*</span>)?</th><td class="num">([^<]+)', page)
        tables.add(tuple(row for row in rows if row[1] != "moins de 5"))
    assert tables == {(("0 à 9", "20"), ("30 à 39", "25"), ("90 à 99", "15"))}


def test_an_estimate_without_a_wish_is_not_compared(client: Client, counted: Territory) -> None:
    assert "Dites quel logement vous cherchez" in words(client.post(ESTIMATE, {"age": "40"}))


@pytest.mark.parametrize("answer", [{"parmi": "99999"}, {"typologie": "t9"}, {"tranche": "riche"}])
def test_a_wish_that_does_not_exist_is_refused(client: Client, counted: Territory, answer: dict[str, str]) -> None:
    page = client.post(ESTIMATE, {**WISH, **answer})
    assert page.status_code == 422
