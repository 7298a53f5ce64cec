"""Pages of doubles: who is recognised, what is shown of whom, and a decision taken once for all."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import now, today
from palier.common.enums import WorkState
from palier.common.queue import run_all
from palier.demand import services
from palier.demand.content import Address, Identity
from palier.demand.enums import Section, Status
from palier.demand.models import Demand
from palier.journal.models import Entry
from palier.people import finding, review
from palier.people.models import DoublePair, DoubleSearch
from palier.territory.models import Membership, Organisation, Territory
from tests.demand.conftest import IDENTITY, ON, Desk, desk_at, draft, save
from tests.factories import make_agent, make_place, make_user, sign_in

LIST = "/doublons/"
TWIN = IDENTITY.model_copy(update={"birth_name": "Exemples", "usage_name": "Factice-Jumelle"})
NEAR = IDENTITY.model_copy(update={"usage_name": "Factice-Gauche"})
FAR = TWIN.model_copy(update={"usage_name": "Inventée-Droite"})


FIRST_NAMES = ("Aline", "Bruno", "Chloé", "Driss", "Emma", "Farid")


def registered(desk: Desk, identity: Identity = IDENTITY) -> Demand:
    """A demand of somebody who lives alone."""
    return services.register(desk.actor, draft(desk, identity).pk, filed_on=date(2024, 3, 12), nud="", on=ON)


def twice(desk: Desk, people: int) -> None:
    """So many people, each written twice."""
    for name in FIRST_NAMES[:people]:
        for _ in range(2):
            draft(desk, Identity(birth_name="Modèle", first_names=name, birth_date=date(1950, 3, 12)), "")


def look(territory: Territory) -> None:
    review.search(territory.pk, now())


def page_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode().split('id="contenu"')[-1]


@pytest.fixture
def ours(here: Desk, territory: Territory) -> DoublePair:
    """The same woman registered twice by one desk."""
    registered(here)
    draft(here, TWIN)
    look(territory)
    return DoublePair.objects.get()


@pytest.fixture
def shared(here: Desk, elsewhere: Desk, territory: Territory) -> DoublePair:
    """The same woman registered by two organisations."""
    registered(here, NEAR)
    registered(elsewhere, FAR)
    look(territory)
    return DoublePair.objects.get()


def test_the_list_tells_who_may_be_one_and_why(agent: Client, ours: DoublePair) -> None:
    page = page_of(agent, LIST)
    assert "Aline Exemple et Aline Factice-Jumelle" in page
    assert "Nom presque identique, même prénom, même date de naissance, même téléphone." in page
    assert reverse("doubles:pair", args=[ours.pk]) in page


def test_two_people_are_shown_side_by_side_with_their_differences_and_demands(
    agent: Client, here: Desk, ours: DoublePair
) -> None:
    page = page_of(agent, reverse("doubles:pair", args=[ours.pk]))
    assert re.search(r"<strong>Exemple</strong>.*<strong>Exemples</strong>.*différent", page, re.DOTALL)
    assert re.search(r"12 mars 1985.*12 mars 1985.*identique", page, re.DOTALL)
    assert "déposée le 12 mars 2024" in page
    assert "Brouillon" in page
    assert here.place.name in page


def test_reading_a_pair_is_written_in_the_journal_of_each_file(agent: Client, ours: DoublePair) -> None:
    agent.get(reverse("doubles:pair", args=[ours.pk]))
    read = Entry.objects.filter(action="demand.read").values_list("subject_id", flat=True)
    assert set(read) == {str(pk) for pk in Demand.objects.values_list("pk", flat=True)}


def test_somebody_followed_elsewhere_is_recognised_without_any_of_their_data(
    agent: Client, here: Desk, elsewhere: Desk, shared: DoublePair
) -> None:
    for client, own, other in ((agent, NEAR, FAR), (sign_in(Client(), elsewhere.user), FAR, NEAR)):
        for url in (LIST, reverse("doubles:pair", args=[shared.pk])):
            page = page_of(client, url)
            assert own.usage_name in page
            assert "connue de Lieu factice" in page
            assert other.usage_name not in page
            # Why they are alike tells what the other file says.
            assert not re.search("(?i)même date de naissance|presque identique|même prénom", page)


@pytest.mark.parametrize("status", ["protected", "draft", "struck"])
def test_somebody_who_must_not_be_told_elsewhere_is_not_recognised(
    agent: Client, here: Desk, elsewhere: Desk, territory: Territory, status: str
) -> None:
    registered(here)
    other = draft(elsewhere, TWIN) if status == "draft" else registered(elsewhere, TWIN)
    if status == "protected":
        save(elsewhere, other, Section.ADDRESS, Address(postal_code="62000", town="Exemple", protected=True))
    if status == "struck":
        Demand.objects.filter(pk=other.pk).update(
            status=Status.STRUCK, struck_on=today(), struck_noted_on=today(), struck_ground="RADABA"
        )
    look(territory)
    pair = DoublePair.objects.get()
    assert "Aucun double" in page_of(agent, LIST)
    assert agent.get(reverse("doubles:pair", args=[pair.pk])).status_code == 404
    assert agent.post(reverse("doubles:pair", args=[pair.pk]), {"act": "told"}).status_code == 404


def test_a_pair_of_others_does_not_exist(territory: Territory, ours: DoublePair) -> None:
    stranger = sign_in(Client(), desk_at(territory, 2, "registrar").user)
    assert "Aucun double" in page_of(stranger, LIST)
    assert stranger.get(reverse("doubles:pair", args=[ours.pk])).status_code == 404
    assert stranger.post(reverse("doubles:pair", args=[ours.pk]), {"act": "different"}).status_code == 404
    ours.refresh_from_db()
    assert ours.verdict == ""


def test_two_people_are_told_apart_once_for_all(agent: Client, territory: Territory, ours: DoublePair) -> None:
    url = reverse("doubles:pair", args=[ours.pk])
    answer = agent.post(url, {"act": "different"}, follow=True)
    assert "Aucun double" in answer.content.decode()
    look(territory)
    assert "Aucun double" in page_of(agent, LIST)
    again = agent.post(url, {"act": "different"}, follow=True).content.decode()
    assert "déjà décidé" in again
    assert "C’est décidé" in page_of(agent, url)
    agent.post(url, {"act": "reopen"})
    assert "Aline Exemple" in page_of(agent, LIST)
    acts = [entry.action for entry in Entry.objects.filter(subject_type="double").order_by("number")]
    assert acts == ["double.different", "double.reopened"]


def test_what_is_put_off_comes_back_on_its_day(agent: Client, ours: DoublePair) -> None:
    url = reverse("doubles:pair", args=[ours.pk])
    for wrong in ("", "31/02/2027", f"{today():%d/%m/%Y}", "01/01/2100"):
        assert agent.post(url, {"act": "later", "until": wrong}).status_code == 422, wrong
    agent.post(url, {"act": "later", "until": f"{today() + timedelta(days=30):%d/%m/%Y}"})
    assert "Aucun double" in page_of(agent, LIST)
    DoublePair.objects.update(until=today())
    assert "Aline Exemple" in page_of(agent, LIST)


def test_a_pair_of_two_organisations_is_not_hidden_from_the_other_one(agent: Client, shared: DoublePair) -> None:
    url = reverse("doubles:pair", args=[shared.pk])
    assert "Revoir plus tard" not in page_of(agent, url)
    agent.post(url, {"act": "later", "until": f"{today() + timedelta(days=30):%d/%m/%Y}"})
    shared.refresh_from_db()
    assert shared.verdict == ""


@pytest.mark.parametrize("act", ["", "same", "told", "x" * 200])
def test_an_act_that_is_none_of_these_changes_nothing(agent: Client, ours: DoublePair, act: str) -> None:
    answer = agent.post(reverse("doubles:pair", args=[ours.pk]), {"act": act}, follow=True)
    assert "rien n’est enregistré" in answer.content.decode()
    ours.refresh_from_db()
    assert (ours.verdict, ours.told_by_id) == ("", None)


def test_two_organisations_that_say_so_make_it_decided(
    agent: Client, here: Desk, elsewhere: Desk, shared: DoublePair
) -> None:
    url = reverse("doubles:pair", args=[shared.pk])
    for _ in range(2):
        agent.post(url, {"act": "told"})
        shared.refresh_from_db()
        assert (shared.verdict, shared.told_by_id) == ("", here.place.organisation_id)
    assert "sa réponse est attendue" in page_of(agent, LIST)
    other = sign_in(Client(), elsewhere.user)
    assert "Cet autre lieu dit que c’est la même personne" in page_of(other, LIST)
    other.post(url, {"act": "told"})
    shared.refresh_from_db()
    assert shared.verdict == "same"
    assert "Aucun double" in page_of(agent, LIST)


def test_the_search_is_asked_for_once_at_a_time_and_done_apart(agent: Client, here: Desk, territory: Territory) -> None:
    registered(here)
    draft(here, TWIN)
    for sentence in ("La recherche est lancée", "déjà en cours"):
        assert sentence in agent.post("/doublons/chercher/", follow=True).content.decode()
    assert DoubleSearch.objects.count() == 1
    run_all()
    done = DoubleSearch.objects.get()
    assert (done.state, done.found) == (WorkState.READY, 1)
    assert "Aline Exemple" in page_of(agent, LIST)
    assert Entry.objects.filter(action="double.searched").count() == 1


def test_every_night_the_doubles_of_each_territory_are_looked_for(here: Desk, territory: Territory) -> None:
    registered(here)
    draft(here, TWIN)
    finding.start_nightly()
    finding.start_nightly()
    run_all()
    assert DoublePair.objects.count() == 1
    finding.start_nightly()
    run_all()
    assert DoubleSearch.objects.count() == 1


def test_who_steers_the_territory_reads_counts_and_no_name(ours: DoublePair, territory: Territory) -> None:
    organisation = Organisation.objects.create(territory=territory, slug="epci", name="Pilotage", kind="epci")
    user = make_user()
    Membership.objects.create(user=user, organisation=organisation, role="coordinator", since=date(2020, 1, 1))
    client = sign_in(Client(), user)
    page = page_of(client, "/doublons/chiffres/")
    assert re.search(r"À examiner</dt>\s*<dd>1</dd>", page)
    assert "Aline" not in page
    assert client.get(LIST).status_code == 404


def test_counts_are_not_for_desks_nor_the_list_for_who_only_informs(agent: Client, territory: Territory) -> None:
    assert agent.get("/doublons/chiffres/").status_code == 404
    informer = sign_in(Client(), make_agent(make_place(territory, level=1), "informer"))
    assert informer.get(LIST).status_code == 404
    assert informer.post("/doublons/chercher/").status_code == 404


@pytest.mark.parametrize("after", ["", "x", "97", "97-", "-1--1", "9" * 40, "٩-٩"])
def test_an_address_that_was_tampered_with_shows_the_first_page(agent: Client, ours: DoublePair, after: str) -> None:
    assert "Aline Exemple" in page_of(agent, f"{LIST}?apres={after}")


@pytest.mark.parametrize("couples", [1, 6])
def test_pages_take_a_bounded_number_of_queries(agent: Client, here: Desk, territory: Territory, couples: int) -> None:
    twice(here, couples)
    look(territory)
    assert DoublePair.objects.count() == couples
    pair = DoublePair.objects.first()
    assert pair
    for url, most in ((LIST, 8), (reverse("doubles:pair", args=[pair.pk]), 14)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert agent.get(url).status_code == 200
        asked = [one["sql"] for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]]
        assert len(asked) <= most, "\n".join(asked)


def test_pages_follow_one_another(
    agent: Client, here: Desk, territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("palier.demand.doubles.selectors.SHOWN", 2)
    twice(here, 3)
    look(territory)
    first = page_of(agent, LIST)
    following = re.search(r'href="(\?apres=[^"]+)"', first)
    assert following
    second = page_of(agent, LIST + following[1])
    seen = re.findall(r"/doublons/(\d+)/", first) + re.findall(r"/doublons/(\d+)/", second)
    assert len(set(seen)) == 3
    assert "apres=" not in second
