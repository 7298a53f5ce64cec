"""A coordinator changes the grid on paper: by form, by text, and nothing moves for the public."""

import re

from tests.journeys.conftest import Visitor


def test_a_draft_is_changed_by_form_then_by_text_and_says_at_once_what_it_breaks(coordinator: Visitor) -> None:
    page = coordinator.page
    coordinator.open("/bureau/cotation/")
    coordinator.check(phone=False)
    page.get_by_role("link", name="Préparer un changement").click()
    page.get_by_role("button", name="Créer le brouillon").click()
    coordinator.check()
    draft = page.url
    page.get_by_role("link", name="Reconnu DALO").click()
    points = page.get_by_label(re.compile("^Points$"))
    points.fill("60")
    page.get_by_label("Le fait").last.select_option(label="Sinistre")
    page.get_by_label("Il faut").or_(page.get_by_text("Un seul suffit")).first.wait_for()
    assert points.input_value() == "60"
    coordinator.check()
    page.get_by_label("Le fait").nth(1).select_option("")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("passe de 50 à 60 points").wait_for()
    page.get_by_text("50 attendu, 60 obtenu").first.wait_for()
    page.get_by_role("link", name="Écrire le texte").click()
    area = page.locator("#texte")
    area.fill(area.input_value().replace("regle: max", "regle: maxi", 1))
    link = page.locator("#constats a[data-line]").first
    link.wait_for()
    link.click()
    assert "maxi" in page.evaluate("getSelection().toString()")
    coordinator.check()
    page.goto(draft)
    assert page.get_by_text("maxi").count() == 0
    coordinator.open("/grille/")
    assert page.locator(".num").get_by_text("60\xa0points", exact=True).count() == 0
    assert page.locator(".num").get_by_text("50\xa0points", exact=True).count() == 1
    coordinator.check()
