"""The first pages of a paper form typed in a real browser, by keyboard alone.

The whole form is counted without a browser in tests/demand/test_keying.py.
"""

import re

from tests.demand.test_keying import PAPER, Stops
from tests.journeys.conftest import Visitor
from tests.journeys.test_agent import identify


def test_a_family_is_typed_by_keyboard_alone(registrar: Visitor) -> None:
    identify(registrar, "Fictif-Clavier", "Aline", "12/03/1985")
    page = registrar.page
    number = re.search(r"/demandes/(\d+)/", page.url)
    assert number
    registrar.open(f"/demandes/{number[1]}/rubrique/identite/")
    for section in ("identite", "menage"):
        paper = PAPER[section]
        page.wait_for_url(f"**/rubrique/{section}/")
        stops, left = Stops(page.content()), set(paper)
        for name, value in zip(stops.order, stops.values, strict=True):
            if name in left and (stops.kinds[name] != "checkbox" or value == paper[name]):
                page.keyboard.type(stops.typed(name, paper[name]))
                left.remove(name)
            if not left:
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    page.wait_for_url("**/rubrique/adresse/")
    registrar.open(f"/demandes/{number[1]}/reponses/")
    text = page.locator("main").inner_text()
    for words in ("Aline Marie", "Basile", "Inès", "conjoint·e", "enfant en droit de visite", "15 mars 2027"):
        assert words in text, words
    registrar.check()
