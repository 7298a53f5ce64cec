"""Each page of a demand: works, stranger, missing right, bad input, number of queries."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import today
from palier.demand import services
from palier.demand.content import Address, Dwelling, Identity, Situation
from palier.demand.enums import Section, Status
from palier.demand.models import Demand
from palier.journal import api as journal
from palier.territory.models import Territory
from tests.demand.conftest import Desk, draft, family, registered, save
from tests.factories import sign_in

NASTY = ["O’Brien", "N'Guyen-Élodie", "عَلِيّ", "Zoé 👩🏽‍🦱", "A", "É" * 120, "<script>alert(1)</script>"]


def url(name: str, demand: Demand, *args: Any) -> str:
    return reverse(f"demand:{name}", args=[demand.pk, *args])


def new_form(**values: Any) -> dict[str, Any]:
    return {
        "birth_name": "Exemple",
        "first_names": "Aline",
        "birth_date": "12/03/1985",
        "form_token": str(uuid4()),
        **values,
    }


GET_PAGES = ["detail", "nud", "reception", "compare", "history"]
POST_PAGES = ["register", "update", "discard", "nud", "reception", "reopen_reception", "sheet"]


@pytest.mark.parametrize("page", GET_PAGES)
def test_every_page_of_a_registered_demand_opens(grid: Territory, here: Desk, agent: Client, page: str) -> None:
    response = agent.get(url(page, registered(here)))
    assert response.status_code == 200
    assert response.content.decode().count("<h1") == 1


@pytest.mark.parametrize("section", Section)
def test_every_rubric_opens_and_saves_when_left_empty(here: Desk, agent: Client, section: Section) -> None:
    demand = draft(here)
    address = url("rubric", demand, section.value)
    page = agent.get(address)
    assert page.status_code == 200
    posted = {"base": page.context["base"], "back": "1", "birth_name": "Exemple", "personnes-TOTAL_FORMS": "0"}
    response = agent.post(address, posted | {"personnes-INITIAL_FORMS": "0"})
    assert response.status_code == 302


@pytest.mark.parametrize("page", GET_PAGES)
def test_an_informing_place_and_a_stranger_get_404(grid: Territory, here: Desk, informer: Desk, page: str) -> None:
    demand = registered(here)
    assert sign_in(Client(), informer.user).get(url(page, demand)).status_code == 404
    anonymous = Client().get(url(page, demand))
    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", POST_PAGES)
def test_another_desk_can_change_nothing(grid: Territory, here: Desk, elsewhere: Desk, page: str) -> None:
    demand = registered(here)
    other = sign_in(Client(), elsewhere.user)
    assert other.post(url(page, demand), {"nud": "1", "outcome": "received", "on": "22/11/2026"}).status_code == 404
    demand.refresh_from_db()
    assert (demand.nud, demand.status) == ("", Status.REGISTERED)


def test_absent_and_forbidden_look_alike(here: Desk, elsewhere: Desk) -> None:
    other = sign_in(Client(), elsewhere.user)
    forbidden, absent = other.get(url("detail", draft(here))), other.get("/demandes/999999999/")
    assert forbidden.status_code == absent.status_code == 404
    assert forbidden.content == absent.content


def test_another_desk_sees_what_is_sought_and_no_secret(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    demand = draft(here)
    canary = Address(line="7 rue Canari", town="Canariville", phone="06 99 99 99 99", email="canari@exemple.test")
    save(here, demand, Section.ADDRESS, canary)
    dangers = dict.fromkeys(("violence", "forced_marriage", "assault", "leaving_prostitution", "trafficking"), True)
    save(here, demand, Section.SITUATION, Situation(family="V", child_welfare=True, **dangers))
    services.register(here.actor, demand.pk, filed_on=None, nud="0621126987654G1226", on=today())
    html = sign_in(Client(), elsewhere.user).get(url("detail", demand)).content.decode()
    assert "ce que la loi permet" in html
    assert "Exemple" in html
    for secret in ("Canari", "canari", "99 99", "9999", "iolences au sein", "euf"):
        assert secret not in html.replace("ce que la loi permet", "")
    assert not re.search("mariage|agression|prostitution|proxénétisme|enfance", html)


def test_reading_a_file_is_written_down_with_who_and_where(grid: Territory, here: Desk, elsewhere: Desk) -> None:
    demand = registered(here)
    sign_in(Client(), elsewhere.user).get(url("detail", demand))
    assert [reader.organisation for reader in journal.readers("demand", demand.pk)] == [elsewhere.actor.organisation]


def test_from_the_first_words_to_the_score(grid: Territory, here: Desk, agent: Client) -> None:
    opened = agent.post(reverse("demand:new"), new_form())
    demand = Demand.objects.get()
    assert opened["Location"] == url("detail", demand)
    page = agent.get(url("rubric", demand, "logement"))
    agent.post(url("rubric", demand, "logement"), {"base": page.context["base"], "kind": "CP", "back": "1"})
    agent.post(url("register", demand), {"nud": "", "filed_on": ""})
    html = agent.get(url("detail", demand)).content.decode()
    assert "Hébergé chez un tiers" in html
    assert "Recevoir le ménage" in html


def test_a_double_is_warned_of_before_typing_it_all_again(here: Desk, agent: Client) -> None:
    draft(here)
    response = agent.post(reverse("demand:new"), new_form(first_names="Alinne"))
    assert "peut-être déjà connue" in response.content.decode()
    assert Demand.objects.count() == 1
    # Enter presses the first button: it looks again.
    html = response.content.decode()
    assert html.index("Chercher encore") < html.index('name="anyway"')
    agent.post(reverse("demand:new"), new_form(first_names="Alinne", anyway="1"))
    assert Demand.objects.count() == 2


def test_another_desk_is_told_where_the_person_is_known_and_nothing_more(here: Desk, elsewhere: Desk) -> None:
    demand = registered(here)
    html = sign_in(Client(), elsewhere.user).post(reverse("demand:new"), new_form()).content.decode()
    assert f"connue d’un autre lieu\u00a0: {here.place.name}" in html
    assert url("detail", demand) not in html


def test_the_same_form_sent_twice_opens_one_demand(here: Desk, agent: Client) -> None:
    form = new_form(anyway="1")
    first, second = agent.post(reverse("demand:new"), form), agent.post(reverse("demand:new"), form)
    assert first["Location"] == second["Location"]
    assert Demand.objects.count() == 1


@pytest.mark.parametrize("name", NASTY)
def test_any_name_is_kept_and_shown_as_text(here: Desk, agent: Client, name: str) -> None:
    response = agent.post(reverse("demand:new"), new_form(birth_name=name, anyway="1"), follow=True)
    assert response.status_code == 200
    assert Demand.objects.get().answers.identite.birth_name == name
    assert "<script>alert" not in response.content.decode()


def test_nul_bytes_and_controls_are_dropped(here: Desk, agent: Client) -> None:
    agent.post(reverse("demand:new"), new_form(birth_name="Exem\x00ple\u202e", anyway="1"))
    assert Demand.objects.get().answers.identite.birth_name == "Exemple"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"birth_date": "12/03/2100"}, "dans le futur"),
        ({"birth_date": "31/02/1985"}, "existe pas"),
        ({"birth_date": "1850-01-01"}, "120 ans"),
        ({"birth_name": ""}, "obligatoire"),
        ({"birth_name": "x" * 121}, "120"),
        ({"form_token": "zut"}, "à corriger"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(here: Desk, agent: Client, values: Any, sentence: str) -> None:
    response = agent.post(reverse("demand:new"), new_form(**values))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Demand.objects.exists()


def test_two_hundred_members_are_refused_with_a_sentence(here: Desk, agent: Client) -> None:
    demand = draft(here)
    rows: dict[str, Any] = {"base": services.fingerprint(None), "back": "1"}
    rows |= {"personnes-TOTAL_FORMS": "200", "personnes-INITIAL_FORMS": "0"}
    for n in range(200):
        rows |= {f"personnes-{n}-role": "dependant", f"personnes-{n}-first_names": f"Petit {n}"}
    response = agent.post(url("rubric", demand, "menage"), rows)
    assert response.status_code == 422
    assert "au plus 40 personnes" in response.content.decode()


@pytest.mark.parametrize("rent", ["-5", "douze", "9" * 20])
def test_a_wrong_amount_is_answered_by_a_sentence(here: Desk, agent: Client, rent: str) -> None:
    demand = draft(here)
    form = {"base": services.fingerprint(None), "kind": "LP", "rent": rent, "back": "1"}
    response = agent.post(url("rubric", demand, "logement"), form)
    assert response.status_code == 422
    assert "field-error" in response.content.decode()


def test_amounts_are_read_as_french_people_write_them(here: Desk, agent: Client) -> None:
    demand = draft(here)
    form = {"base": services.fingerprint(None), "kind": "LP", "rent": "1\u202f234,50 €", "back": "1"}
    agent.post(url("rubric", demand, "logement"), form)
    dwelling = Demand.objects.get().answers.logement
    assert dwelling is not None
    assert str(dwelling.rent) == "1234.50"


def test_two_agents_on_one_rubric_see_both_texts(here: Desk, agent: Client) -> None:
    demand = draft(here)
    base = services.fingerprint(None)
    agent.post(url("rubric", demand, "logement"), {"base": base, "kind": "LP", "rent": "500", "back": "1"})
    response = agent.post(url("rubric", demand, "logement"), {"base": base, "kind": "CP", "rent": "0", "back": "1"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "Locataire du parc privé" in html
    assert "Hébergé chez un particulier" in html
    again = {"base": response.context["base"], "kind": "CP", "rent": "0", "back": "1"}
    assert agent.post(url("rubric", demand, "logement"), again).status_code == 302
    dwelling = Demand.objects.get().answers.logement
    assert dwelling is not None
    assert dwelling.kind == "CP"


def test_an_update_shows_the_two_scores_and_why(grid: Territory, here: Desk, agent: Client) -> None:
    demand = registered(here)
    save(here, demand, Section.HOUSEHOLD, family(3))
    assert "Modifications à enregistrer" in agent.get(url("detail", demand)).content.decode()
    response = agent.post(url("update", demand), follow=True)
    html = response.content.decode()
    assert "Ce qui a changé" in html
    assert "39" in html
    assert "43" in html


def test_a_number_can_be_added_later_and_an_unusual_one_is_only_warned_of(
    grid: Territory, here: Desk, agent: Client
) -> None:
    demand = registered(here)
    response = agent.post(url("nud", demand), {"nud": "12 345"}, follow=True)
    assert "forme habituelle" in response.content.decode()
    assert Demand.objects.get(pk=demand.pk).nud == "12345"


def test_the_information_sheet_is_a_pdf_and_is_written_down(grid: Territory, here: Desk, agent: Client) -> None:
    demand = registered(here)
    response = agent.post(url("sheet", demand))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert "demand.sheet_given" in [line.action for line in journal.history("demand", demand.pk)]


def test_the_history_names_the_rubric_and_the_piece(grid: Territory, here: Desk, agent: Client) -> None:
    demand = registered(here)
    save(here, demand, Section.DWELLING, Dwelling(kind="CP"))
    services.update(here.actor, demand.pk, today())
    services.record_proof(here.actor, demand.pk, "tiers", seen=True, on=today())
    html = agent.get(url("history", demand)).content.decode()
    assert "Rubrique modifiée\u00a0: Ménage<" in html
    assert "Rubrique modifiée\u00a0: Logement actuel<" in html
    assert "Pièce vue\u00a0: Hébergé chez un tiers<" in html
    assert "Demande enregistrée<" in html


def test_an_act_about_a_forgotten_criterion_is_told_without_its_name(here: Desk, agent: Client) -> None:
    demand = draft(here)
    journal.record(here.actor, "demand.proof_seen", "demand", demand.pk, {"criterion": "oublie"})
    html = agent.get(url("history", demand)).content.decode()
    assert "Pièce vue<" in html
    assert "oublie" not in html


def test_a_draft_has_no_information_sheet(here: Desk, agent: Client) -> None:
    assert agent.post(url("sheet", draft(here))).status_code == 404


@pytest.mark.parametrize("section", ["inconnue", "identite-2"])
def test_an_unknown_rubric_is_404(here: Desk, agent: Client, section: str) -> None:
    assert agent.get(url("rubric", draft(here), section)).status_code == 404


@pytest.mark.parametrize("query", ["avant=-1", "avant=" + "9" * 40, "avant=x", "avant=²"])
def test_a_strange_address_still_lists(here: Desk, agent: Client, query: str) -> None:
    assert agent.get(reverse("demand:list") + "?" + query).status_code == 200


def test_registering_takes_at_most_fifteen_queries(grid: Territory, here: Desk, agent: Client) -> None:
    demand = draft(here)
    save(here, demand, Section.HOUSEHOLD, family(4))
    save(here, demand, Section.DWELLING, Dwelling(kind="CP"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = agent.post(url("register", demand), {"nud": "", "filed_on": ""})
    assert response.status_code == 302
    assert len(queries) <= 15, [q["sql"][:90] for q in queries.captured_queries]


def test_a_file_takes_at_most_twelve_queries(grid: Territory, here: Desk, agent: Client) -> None:
    demand = registered(here)
    with CaptureQueriesContext(connection) as queries:
        agent.get(url("detail", demand))
    assert len(queries) <= 12, [q["sql"][:90] for q in queries.captured_queries]


@pytest.mark.parametrize("rows", [10, 1000])
def test_the_list_takes_the_same_queries_whatever_the_rows(here: Desk, agent: Client, rows: int) -> None:
    model = draft(here)
    Demand.objects.bulk_create(
        Demand(
            territory=model.territory,
            household=model.household,
            place=model.place,
            content=model.content,
            form_token=uuid4(),
            created_by=here.user,
        )
        for _ in range(rows)
    )
    with CaptureQueriesContext(connection) as queries:
        response = agent.get(reverse("demand:list"))
    assert response.status_code == 200
    assert len(queries) == 3, [q["sql"][:90] for q in queries.captured_queries]


def test_unknown_people_are_not_called_doubles(here: Desk, agent: Client) -> None:
    draft(here, Identity(birth_name="Exemple", first_names="Berthe", birth_date=date(1985, 3, 12)))
    assert agent.post(reverse("demand:new"), new_form()).status_code == 302


def test_the_last_day_to_receive_is_told_as_such(here: Desk, agent: Client) -> None:
    html = agent.get(url("detail", registered(here))).content.decode()
    assert "Au plus tard le <strong>" in html
