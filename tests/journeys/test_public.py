"""Anyone, on a phone, without account: where to go, and every public page."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Visitor

PAGES = [
    "/",
    "/ou-m-adresser/",
    "/estimer-ma-note/",
    "/lieux/",
    "/carte/",
    "/ma-demande/",
    "/facile-a-lire/",
    "/accessibilite/",
    "/mentions-legales/",
    "/vos-donnees/",
    "/compte/connexion/",
    "/compte/mot-de-passe/oublie/",
    "/design/",
]
KILOBYTES, REQUESTS = 150, 15


def ask(visitor: Visitor, commune: str, age: str) -> None:
    """The questionnaire, from the home page to its answer."""
    page = visitor.page
    visitor.open("/")
    page.get_by_role("link", name=re.compile("^Où m’adresser")).first.click()
    page.get_by_label(re.compile("^Dans quelle commune")).select_option(label=commune)
    page.get_by_label(age, exact=True).check()
    page.get_by_role("button", name="Voir où m’adresser").click()


@pytest.mark.parametrize("path", PAGES)
def test_each_page_open_to_anyone_is_accessible_valid_and_silent(anyone: Visitor, path: str) -> None:
    assert anyone.open(path).status == 200
    anyone.check()
    if path == "/carte/":
        anyone.picture("carte", phone=True)


def test_a_young_person_of_oignies_is_sent_to_the_right_places_with_why(anyone: Visitor) -> None:
    ask(anyone, "Oignies", "De 18 à 30 ans")
    page = anyone.page
    first = page.locator("main ol.rows > li").first
    assert "CLLAJ" in first.inner_text()
    assert "Pourquoi" in first.inner_text()
    assert page.locator("main ol.rows > li").count() >= 3
    assert page.locator("main .btn-primary").count() == 1
    anyone.check()
    anyone.picture("ou-m-adresser", phone=True)
    first.locator("a[href^='/lieux/']").first.click()
    anyone.check()


def test_the_answer_can_be_changed_and_printed(anyone: Visitor) -> None:
    ask(anyone, "Carvin", "Plus de 30 ans")
    page = anyone.page
    page.emulate_media(media="print")
    assert not page.get_by_text("Quitter vite", exact=True).is_visible()
    assert page.locator("main ol.rows > li").first.is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name=re.compile("Modifier mes réponses")).click()
    assert page.get_by_label(re.compile("^Dans quelle commune")).evaluate("e => e.selectedOptions[0].text") == "Carvin"
    assert page.get_by_label("Plus de 30 ans", exact=True).is_checked()


def test_a_questionnaire_sent_empty_says_what_is_missing_and_where(anyone: Visitor) -> None:
    anyone.open("/ou-m-adresser/")
    anyone.page.get_by_role("button", name="Voir où m’adresser").click()
    summary = anyone.page.locator(".errors")
    assert summary.evaluate("e => e === document.activeElement")
    summary.get_by_role("link").first.click()
    assert anyone.page.evaluate("document.activeElement.tagName") == "SELECT"
    anyone.check()


def test_without_javascript_on_a_phone_the_whole_way_works(anyone_without_script: Visitor) -> None:
    page = anyone_without_script.page
    page.set_viewport_size({"width": 320, "height": 640})
    ask(anyone_without_script, "Oignies", "De 18 à 30 ans")
    assert page.locator("main ol.rows > li").count() >= 3
    page.get_by_role("button", name=re.compile("Modifier mes réponses")).click()
    page.get_by_role("button", name="Voir où m’adresser").click()
    page.get_by_role("link", name="Tous les lieux d’accueil").first.click()
    page.get_by_label(re.compile("^Commune")).select_option(label="Carvin")
    page.get_by_role("button", name="Filtrer les lieux").click()
    page.locator("main .rows a").first.click()
    assert page.locator("h1").inner_text()
    assert anyone_without_script.watch.faults == []


@pytest.mark.parametrize(
    "path", ["/", "/ou-m-adresser/", "/estimer-ma-note/", "/lieux/", "/carte/", "/compte/connexion/"]
)
def test_each_page_is_walked_by_keyboard_from_the_skip_link_to_the_end(anyone: Visitor, path: str) -> None:
    anyone.open(path)
    stops = anyone.walk()
    assert stops[0] == "Aller au contenu"
    assert len(stops) >= 4


def test_a_person_estimates_a_score_corrects_an_answer_and_knows_what_would_change_it(
    anyone_without_script: Visitor,
) -> None:
    page = anyone_without_script.page
    page.set_viewport_size({"width": 320, "height": 640})
    anyone_without_script.open("/")
    page.get_by_role("link", name="Estimer ma note").click()
    page.get_by_label(re.compile("^Quand avez-vous déposé")).fill("13/2024")
    page.get_by_label(re.compile("^Une procédure d’expulsion")).select_option(label="Jugement d’expulsion")
    page.get_by_role("button", name="Voir mon estimation").click()
    assert "par exemple 03/2024" in page.locator(".errors").inner_text()
    page.get_by_label(re.compile("^Quand avez-vous déposé")).fill("03/2024")
    page.get_by_role("button", name="Voir mon estimation").click()
    assert "Remettre le jugement" in page.locator(".outlook").inner_text()
    page.get_by_role("button", name=re.compile("Modifier mes réponses")).click()
    assert page.get_by_label(re.compile("^Quand avez-vous déposé")).input_value() == "03/2024"
    assert page.url.endswith("/estimer-ma-note/")
    assert anyone_without_script.watch.faults == []


def test_the_estimate_is_accessible_at_every_step(anyone: Visitor) -> None:
    anyone.open("/estimer-ma-note/")
    anyone.page.get_by_label(re.compile("^Quel âge")).fill("cent")
    anyone.page.get_by_role("button", name="Voir mon estimation").click()
    anyone.check()
    anyone.page.get_by_label(re.compile("^Quel âge")).fill("41")
    anyone.page.get_by_label(re.compile("Vous subissez des violences")).check()
    anyone.page.get_by_role("button", name="Voir mon estimation").click()
    anyone.page.locator("summary").click()
    anyone.check()


def test_quitting_quickly_leaves_nothing_behind_the_back_button(newcomer: Visitor) -> None:
    page = newcomer.page
    page.route(
        re.compile("meteofrance"), lambda route: route.fulfill(body="<h1>Ailleurs</h1>", content_type="text/html")
    )
    page.goto("about:blank")
    newcomer.open("/")
    page.get_by_text("Quitter vite", exact=True).click()
    page.wait_for_url(re.compile("meteofrance"))
    page.go_back()
    assert page.url == "about:blank"


@pytest.fixture
def weigh(newcomer: Visitor) -> Callable[[str], tuple[int, list[str]]]:
    def measure(path: str) -> tuple[int, list[str]]:
        requests: list[Any] = []
        newcomer.page.on("requestfinished", lambda request: requests.append(request))
        newcomer.open(path)
        newcomer.page.wait_for_load_state("networkidle")
        sizes = [r.sizes() for r in requests]
        return sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes), [r.url for r in requests]

    return measure


@pytest.mark.parametrize("path", ["/", "/ou-m-adresser/", "/estimer-ma-note/", "/lieux/", "/carte/"])
def test_a_first_visit_stays_light(weigh: Callable[[str], tuple[int, list[str]]], path: str) -> None:
    size, urls = weigh(path)
    assert len(urls) <= REQUESTS, urls
    assert size <= KILOBYTES * 1024
