"""A paper form typed by keyboard alone: how long it takes, counted on the pages themselves.

Keystroke-level model (Card, Moran and Newell): 0.28 s a key for somebody who types rarely, 1.35 s to think before each
field that is filled. A field left empty costs the Tab that passes it. Lists are chosen by typing, as browsers do.
"""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from palier.demand.enums import Section
from palier.demand.models import Demand
from tests.demand.conftest import Desk, draft

KEY, THINK, PAGE = 0.28, 1.35, 1.0
MOST_SECONDS = 8 * 60

# A full family, as the paper says it: two adults who work, three children, one more who visits; what each page is told.
PAPER: dict[str, dict[str, str]] = {
    "identite": {"civility": "mrs", "birth_name": "Exemple", "usage_name": "Factice", "first_names": "Aline Marie",
                 "birth_date": "12031985", "nationality": "1"},
    "menage": {
        "unborn": "1", "unborn_due": "15032027", "handicap": "non",
        "personnes-0-role": "co_applicant:M", "personnes-0-civility": "mr", "personnes-0-first_names": "Basile",
        "personnes-0-birth_name": "Factice", "personnes-0-birth_date": "03041983", "personnes-0-nationality": "1",
        "personnes-0-phone": "0600000001",
        **{f"personnes-{n}-{name}": value for n in (1, 2, 3) for name, value in {
            "role": "dependant:E", "first_names": ("", "Zoé", "Léo", "Inès")[n], "birth_name": "Factice",
            "birth_date": f"0{n}02201{n}", "sex": "F"}.items()},
        "personnes-4-role": "visit", "personnes-4-birth_date": "05062010", "personnes-4-sex": "M",
    },
    "adresse": {"line": "12 rue de l’Exemple", "complement": "bât. B, 2e étage", "postal_code": "62000",
                "town": "Ville-Fictive", "phone": "0600000002", "phone_other": "0300000003",
                "email": "aline@exemple.test", "email_notices": "oui"},
    "situation": {"family": "M", "dalo": "non", "pdalhpd": "non", "violence": "non", "demolition": "non",
                  "disaster": "non"},
    "travail": {"contract": "CDI", "profession": "aide-soignante", "employer": "Hôpital Modèle", "commune": "62427",
                "action_logement": "non", "state_agent": "non", "insertion": "oui", "essential": "oui",
                "adulte-1-contract": "CDD", "adulte-1-profession": "maçon", "adulte-1-employer": "Bâtiment Test",
                "adulte-1-commune": "62215", "adulte-1-action_logement": "oui"},
    "ressources": {"per_person": "oui", "rfr_n2": "17250", "rfr_n1": "16800", "monthly_SAL": "1480",
                   "monthly_AF": "338,50", "adulte-1-rfr_n2": "12900", "adulte-1-monthly_SAL": "1210",
                   "adulte-1-alimony_paid": "150"},
    "logement": {"kind": "LP", "commune": "62250", "category": "A", "type": "T3", "surface": "58", "occupants": "5",
                 "rent": "690", "benefit": "212", "unfit": "non", "indecent": "oui", "eviction_stage": "aucune",
                 "owner_elsewhere": "non"},
    "motifs": {"first": "13", "second": "NDEC", "third": "09"},
    "recherche": {"types": "T4", "commune_1": "62427", "district_1": "Quartier Modèle", "commune_2": "62250",
                  "commune_3": "62215", "wider_area": "oui", "category": "M", "ground_floor": "oui", "no_lift": "non",
                  "parking": "oui", "max_rent": "720"},
}  # fmt: skip


class Stops(HTMLParser):
    """The fields of a page in the order of Tab, with the options of the lists; what is proposed is kept as typed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.order: list[str] = []
        self.values: list[str] = []
        self.options: dict[str, list[tuple[str, str]]] = {}
        self.hidden: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.focused = ""
        self._list, self._value = "", ""
        self.feed(html[html.index("<main") : html.index("</main")])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name, kind = said.get("name", ""), said.get("type", tag)
        if tag == "option":
            self._value = said.get("value", "")
        if tag not in {"input", "select", "textarea"} or not name:
            return
        if kind == "hidden":
            self.hidden[name] = said.get("value", "")
            return
        # A group of radio buttons is one stop, each box of a list is one.
        if not (kind == "radio" and name in self.order):
            self.order.append(name)
            self.values.append(said.get("value", ""))
        self.kinds[name] = kind
        if "autofocus" in said:
            self.focused = name
        if kind == "text" and said.get("value"):
            self.hidden[name] = said["value"]
        self._list = name if tag == "select" else ""

    def handle_data(self, data: str) -> None:
        if self._list and self._value is not None and data.strip():
            self.options.setdefault(self._list, []).append((self._value, data.strip()))

    def typed(self, name: str, value: str) -> str:
        """What is typed to enter a value: for a list, as few letters as lead to it."""
        if name in self.options:
            labels = [(code, label.casefold()) for code, label in self.options[name]]
            wanted = next(label for code, label in labels if code == value)
            for length in range(1, len(wanted) + 1):
                if next(code for code, label in labels if label.startswith(wanted[:length])) == value:
                    return wanted[:length]
        return " " if self.kinds[name] in {"radio", "checkbox"} else value

    def keys(self, name: str, value: str) -> int:
        """How many keys enter a value in a field."""
        return len(self.typed(name, value))


def seconds(stops: Stops, said: dict[str, str]) -> float:
    """How long one page takes: from the first field to Enter in the last one filled."""
    last = max(index for index, name in enumerate(stops.order) if name in said)
    tabs = last
    typed = sum(stops.keys(name, value) for name, value in said.items())
    return PAGE + THINK * len(said) + KEY * (tabs + typed + 1)


def test_a_full_family_is_typed_from_paper_well_under_eight_minutes(here: Desk, agent: Client) -> None:
    demand = draft(here)
    taken: dict[str, float] = {}
    for section in Section:
        address = reverse("demand:rubric", args=[demand.pk, section.value])
        html = agent.get(address).content.decode()
        stops, said = Stops(html), PAPER[section.value]
        assert [name for name in said if name not in stops.order] == [], section
        assert stops.focused == stops.order[0], section
        taken[section.value] = seconds(stops, said)
        response = agent.post(address, {**stops.hidden, **said, "continue": "1"})
        assert response.status_code == 302, (
            section,
            re.findall(r"field-error[^<]*<[^<]*<[^<]*", response.content.decode()),
        )
    content = Demand.objects.get(pk=demand.pk).answers
    assert content.menage
    assert len(content.menage.members) == 5
    assert content.tax_income()[0] == 30150
    assert content.monthly_income() == 1480 + 338.5 + 1210
    assert content.menage.members[0].job
    assert content.menage.members[0].job.employer == "Bâtiment Test"
    assert content.recherche
    assert content.recherche.districts == {"62427": "Quartier Modèle"}
    # Time is kept for turning pages and for what the model does not know.
    assert sum(taken.values()) < 0.8 * MOST_SECONDS, taken


def test_enter_in_any_field_saves_and_goes_on(here: Desk, agent: Client) -> None:
    demand = draft(here)
    for section in list(Section)[:-1]:
        html = agent.get(reverse("demand:rubric", args=[demand.pk, section.value])).content.decode()
        form = html[html.index("<form", html.index("<main")) :]
        first: Any = re.search(r"<button[^>]*>", form)
        assert 'name="continue"' in first[0]


def test_yes_or_no_is_one_letter_on_the_page_typed_from_paper(here: Desk, agent: Client) -> None:
    html = agent.get(reverse("demand:rubric", args=[draft(here).pk, "situation"])).content.decode()
    stops = Stops(html)
    assert stops.keys("dalo", "oui") == stops.keys("dalo", "non") == 1
    assert "radio" not in stops.kinds.values()
