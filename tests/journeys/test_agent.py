"""A professional's day: log in, see what is due, search, register, explain, hand over."""

import re
import time
from datetime import date, timedelta
from typing import Any

import pytest

from tests.journeys.conftest import Site, Visitor, log_in, totp


def identify(visitor: Visitor, name: str, first_names: str, birth: str) -> None:
    """« Qui est devant vous ? », from the day's page."""
    page = visitor.page
    visitor.open("/bureau/")
    page.get_by_role("link", name="Accueillir quelqu’un").click()
    page.get_by_label(re.compile("^Nom de naissance")).fill(name)
    page.get_by_label(re.compile("^Prénoms")).fill(first_names)
    page.get_by_label(re.compile("^Date de naissance")).fill(birth)
    page.get_by_role("button", name="Continuer").click()


def register(visitor: Visitor, name: str, first_names: str, birth: str) -> None:
    """A demand registered with nothing but the identity, as the law allows."""
    identify(visitor, name, first_names, birth)
    visitor.page.get_by_role("button", name="Enregistrer la demande").click()


@pytest.mark.parametrize("path", ["/bureau/", "/demandes/", "/demandes/nouvelle/", "/orienter/", "/compte/securite/"])
def test_each_page_of_the_desk_is_accessible_valid_and_silent(registrar: Visitor, path: str) -> None:
    assert registrar.open(path).status == 200
    registrar.check()
    registrar.walk()
    if path == "/bureau/":
        registrar.picture("aujourd-hui")


def test_logging_in_takes_a_password_and_a_second_factor_and_neither_page_says_who_exists(
    anyone: Visitor, site: Site
) -> None:
    page = anyone.page
    account = site.account("mairie-dourges")
    sentences = []
    for login in (account["login"], "personne@demo.palier.test"):
        anyone.open("/bureau/")
        assert "/compte/connexion/" in page.url
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", "un mot de passe inventé")
        page.get_by_role("button", name="Se connecter").click()
        sentences.append(page.locator(".errors").inner_text())
        anyone.check(phone=False)
    assert sentences[0] == sentences[1]
    log_in(anyone, account)
    assert page.get_by_role("heading", level=1).inner_text() == "Aujourd’hui"
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto(f"{site.url}/bureau/")
    assert "/compte/connexion/" in page.url


def test_from_an_empty_counter_to_a_score_explained_and_a_date_to_keep(registrar: Visitor) -> None:
    page = registrar.page
    identify(registrar, "Fictif-O’Parcours", "Maëlle Zoé", "12/03/1991")
    registrar.check()
    registrar.picture("rubriques")
    page.get_by_role("link", name="Saisie rapide\u00a0: Ménage").click()
    registrar.check()
    page.get_by_role("link", name="Revenir sans enregistrer").click()
    page.get_by_role("button", name="Enregistrer la demande").click()
    page.get_by_role("heading", level=2, name=re.compile("^Pourquoi .* points?")).wait_for()
    assert page.get_by_role("heading", level=2, name="Recevoir le ménage").count() == 1
    assert page.locator(".parcours [aria-current=step]").count() == 1
    registrar.check()
    registrar.walk()
    number = page.url
    registrar.open("/bureau/recherche/?q=parcours fictif maelle")
    assert page.get_by_role("link", name=re.compile("Parcours")).first.get_attribute("href") in number
    registrar.check()
    registrar.open("/bureau/")
    page.locator("main .line-who a").first.click()
    registrar.picture("dossier")


def test_every_rubric_of_a_demand_is_accessible_valid_and_silent(registrar: Visitor) -> None:
    identify(registrar, "Fictif-Rubriques", "Aimé", "30/11/1988")
    page = registrar.page
    addresses = page.locator("main .rows a[href*='/rubrique/']").evaluate_all("e => e.map(a => a.getAttribute('href'))")
    assert len(addresses) == 9
    for address in addresses:
        assert registrar.open(address).status == 200
        registrar.check()


def test_who_steers_sees_delays_and_no_name(coordinator: Visitor) -> None:
    coordinator.open("/bureau/delais/")
    assert coordinator.page.get_by_role("row").count() > 1
    coordinator.check()
    coordinator.walk()


def test_who_protects_data_reads_who_read(auditor: Visitor) -> None:
    auditor.open("/bureau/")
    auditor.open("/bureau/journal/")
    assert auditor.page.get_by_role("heading", level=1).inner_text() == "Journal"
    auditor.check()
    auditor.walk()


def test_the_information_sheet_is_a_pdf_in_french(registrar: Visitor) -> None:
    register(registrar, "Fictif-Fiche", "Nadège", "01/02/1980")
    page = registrar.page
    form = page.locator("form[action$='/fiche/']")
    token = form.locator("input[name=csrfmiddlewaretoken]").get_attribute("value")
    address = registrar.site.url + form.get_attribute("action")
    answer = page.request.post(address, form={"csrfmiddlewaretoken": token}, headers={"Referer": page.url})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    body = answer.body()
    assert body.startswith(b"%PDF-")
    assert b"/MarkInfo" in body or b"/ObjStm" in body


def test_somebody_already_known_is_seen_before_anything_is_typed_again(registrar: Visitor) -> None:
    register(registrar, "Modèle-Doublon", "Éloïse", "09/09/1979")
    identify(registrar, "MODELE DOUBLON", "Eloise", "09/09/1979")
    page = registrar.page
    assert page.get_by_role("heading", name="Cette personne est peut-être déjà connue").count() == 1
    assert page.get_by_label(re.compile("^Nom de naissance")).input_value() == "MODELE DOUBLON"
    registrar.check()
    registrar.picture("double")


def test_an_update_shows_the_two_scores_side_by_side(registrar: Visitor) -> None:
    register(registrar, "Fictif-Évolution", "Gaston", "05/06/1970")
    page = registrar.page
    page.get_by_role("link", name=re.compile("^Modifier la rubrique Ménage")).click()
    page.get_by_label(re.compile("situation de handicap")).select_option("oui")
    page.get_by_role("button", name="Enregistrer et revenir au dossier").click()
    registrar.check()
    page.get_by_role("button", name="Enregistrer la mise à jour").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ce qui a changé"
    registrar.check()
    registrar.picture("comparaison")


def test_a_birth_date_to_come_is_refused_with_a_sentence_and_nothing_is_lost(registrar: Visitor) -> None:
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 (the site's own clock)
    identify(registrar, "D’Exemple 😀 مثال", "Zoé", tomorrow.strftime("%d/%m/%Y"))
    page = registrar.page
    assert page.locator(".errors").count() == 1
    assert page.get_by_label(re.compile("^Nom de naissance")).input_value() == "D’Exemple 😀 مثال"
    registrar.check()


def test_the_slash_key_goes_to_the_search_and_enter_searches(registrar: Visitor) -> None:
    registrar.open("/bureau/")
    page = registrar.page
    page.keyboard.press("/")
    page.keyboard.type("exemple")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recherche/?q=exemple")
    registrar.check()


def test_an_agent_who_informs_orients_and_sees_no_name(informer: Visitor) -> None:
    page = informer.page
    informer.open("/bureau/")
    assert page.get_by_role("search").count() == 0
    informer.check()
    informer.watch.faults.clear()
    for path in ("/demandes/", "/demandes/nouvelle/", "/demandes/1/", "/bureau/recherche/?q=exemple"):
        assert informer.open(path).status == 404, path
    informer.watch.faults.clear()  # the browser itself notes each 404 in its console
    informer.open("/orienter/")
    informer.check()
    informer.picture("orienter")


def test_another_desk_sees_what_the_law_allows_and_no_more(chromium: Any, site: Site, registrar: Visitor) -> None:
    registrar.open("/bureau/recherche/?q=exemple")
    page = registrar.page
    page.locator("li:has-text('autre guichet') a").first.click()
    page.get_by_text(re.compile("Cette lecture est notée")).wait_for()
    assert page.get_by_role("heading", name=re.compile("^Pourquoi")).count() == 0
    registrar.check()


def test_the_desk_works_without_javascript(chromium: Any, site: Site, registrar: Visitor) -> None:
    state = registrar.page.context.storage_state()
    context = chromium.new_context(
        java_script_enabled=False, storage_state=state, viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    page.goto(f"{site.url}/bureau/")
    page.get_by_role("searchbox").fill("exemple")
    page.get_by_role("button", name="Chercher").click()
    page.locator("main .rows a").first.click()
    page.wait_for_url("**/demandes/*/")
    page.locator("h1").wait_for()
    assert page.get_by_role("searchbox").count() == 1
    context.close()


def test_the_code_of_the_moment_is_that_of_rfc_6238() -> None:
    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=59) == "287082"
    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=time.time()).isdigit()
