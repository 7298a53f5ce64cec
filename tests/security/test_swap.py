"""What an agent may address, tried by another, again, and after they left (trust T01, T10, T24, T29, T52)."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from palier.common.clock import today
from palier.demand import services
from palier.demand.content import Household, Identity, MemberContent
from palier.demand.enums import Section
from palier.demand.models import Demand, ScoreRecord
from palier.journal import api as journal
from palier.people.enums import MemberRole
from palier.people.models import Member, Person
from palier.territory.models import Membership
from tests.security.world import World, dump, forms_of, keep, standing

METHODS = ("get", "head", "post", "put", "patch", "delete")
ACTIONS = ("enregistrer", "mettre-a-jour", "abandonner", "supprimer", "numero", "reception", "reception/annuler",
           "piece/violences", "comparer", "historique", "fiche")  # fmt: skip


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), standing() as world:
        yield world


@pytest.fixture
def world(built: World, db: None) -> World:
    return built


@pytest.fixture
def agent(world: World) -> Client:
    return world.here.client()


def file_urls(world: World, *names: str) -> list[str]:
    """Every address of a file, and those of its acts."""
    return [url for name, url in world.urls(*names) if name.startswith("demand:") and any(c.isdigit() for c in url)]


@pytest.fixture(scope="module")
def forms(built: World) -> list[tuple[str, dict[str, list[str]]]]:
    """Every form that an agent is offered on the pages of their files: registered, being changed, being typed."""
    client, offered = built.here.client(), []
    for url in file_urls(built, "protected", "changed", "draft"):
        page = client.get(url)
        if page.status_code == 200:
            offered += [form for form in forms_of(page.content.decode(), url) if form[0].startswith("/demandes/")]
    return offered


def test_the_acts_of_a_file_are_all_tried(world: World) -> None:
    tried = {url.split("/", 3)[3].strip("/") for url in file_urls(world)}
    assert tried >= set(ACTIONS)


def test_no_address_nor_form_of_a_file_answers_to_another_desk(world: World, forms: Any) -> None:
    assert len(forms) > 60
    shared = {reverse("demand:detail", args=[d.pk]) for name, d in world.demands.items() if name != "draft"}
    expected = set(file_urls(world, "protected"))
    other, before = world.client("autre guichet"), dump()
    for action, fields in forms:
        assert other.post(action, fields).status_code == 404, action
    for url in file_urls(world, "protected", "draft"):
        # Methods that no page expects are refused before the file is known: one file is enough.
        for method in METHODS if url in expected else METHODS[:3]:
            allowed = {404, 405} | ({200} if url in shared and method == "get" else set())
            assert getattr(other, method)(url).status_code in allowed, (method, url)
    assert dump() == before


def household_post(base: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """What the household form would send for these lines."""
    posted: dict[str, Any] = {"personnes-TOTAL_FORMS": len(rows), "personnes-INITIAL_FORMS": 0, "base": base}
    for index, row in enumerate(rows):
        posted |= {f"personnes-{index}-{name}": value for name, value in row.items()}
    return posted


def stored_base(demand: Demand, section: Section) -> str:
    return services.fingerprint(Demand.objects.get(pk=demand.pk).answers.rubric(section))


@pytest.mark.parametrize("whose", ["another household of the organisation", "another organisation", "nobody"])
def test_a_person_of_another_household_cannot_be_taken_in(world: World, agent: Client, whose: str) -> None:
    victim = Member.objects.filter(household=world.demands["protected"].household_id, role=MemberRole.DEPENDANT).first()
    assert victim is not None
    stolen = {"another household of the organisation": victim.person_id, "another organisation": victim.person_id}
    client, demand = agent, world.demands["plain"]
    if whose == "another organisation":
        client = world.client("autre guichet")
        new = {"birth_name": "Essai", "first_names": "Wilhelmine", "form_token": str(uuid4()), "anyway": "1"}
        client.post(reverse("demand:new"), new)
        demand = Demand.objects.latest("pk")
    before = dump()
    row = {"person_id": stolen.get(whose, 10**12), "role": "dependant", "first_names": "Volé", "birth_name": "Volé"}
    answer = client.post(
        reverse("demand:rubric", args=[demand.pk, "menage"]),
        household_post(stored_base(demand, Section.HOUSEHOLD), row),
    )
    assert answer.status_code == 422
    assert "n’est pas de ce ménage" in answer.content.decode()
    assert dump() == before
    assert victim.person is not None
    assert victim.person.birth_name not in answer.content.decode()


def test_the_token_of_another_desk_s_form_opens_nothing(world: World) -> None:
    taken, other = world.demands["draft"], world.client("autre guichet")
    before = dump()
    answer = other.post(
        reverse("demand:new"),
        {"birth_name": "Essai", "first_names": "Wilhelmine", "form_token": str(taken.form_token), "anyway": "1"},
    )
    assert answer.status_code == 422
    assert "déjà servi" in answer.content.decode()
    assert dump() == before


def test_a_place_is_chosen_among_one_s_own(world: World, agent: Client) -> None:
    foreign = Membership.objects.exclude(user=world.here.user).latest("pk")
    for value in (foreign.pk, "0", "-1", "x", str(10**30)):
        assert "Location" not in agent.post(reverse("territory:change_place"), {"membership": value})
    assert agent.session.get("membership") is None


def test_the_score_of_another_file_is_not_compared(world: World, agent: Client) -> None:
    foreign = ScoreRecord.objects.filter(demand=world.demands["protected"]).latest("pk")
    page = agent.get(reverse("demand:compare", args=[world.demands["plain"].pk]), {"avec": foreign.pk})
    assert page.context["before_record"].demand_id == world.demands["plain"].pk


def test_a_piece_for_a_criterion_that_does_not_exist_is_refused(world: World, agent: Client) -> None:
    before = dump(everything=True)
    for criterion in ("inconnu", "madame-essai-violences", "x" * 300):
        address = reverse("demand:proof", args=[world.demands["plain"].pk, criterion])
        assert "aucun critère" in agent.post(address, {"seen": "1"}, follow=True).content.decode()
    after = dump(everything=True)
    assert after["demand.Proof"] == before["demand.Proof"]
    assert after["demand.ScoreRecord"] == before["demand.ScoreRecord"]


def test_fields_that_no_form_offers_change_nothing(world: World, agent: Client) -> None:
    models = [apps.get_model(name) for name in ("demand.Demand", "people.Household", "people.Person", "accounts.User")]
    extra = {
        name: "1" for model in models for f in model._meta.concrete_fields for name in (f.name, f.attname)
    }  # fmt: skip
    demand = world.demands["plain"]
    kept = ("status", "place_id", "household_id", "territory_id", "registered_on", "declared", "verified", "created_by")
    before = Demand.objects.values(*kept).get(pk=demand.pk)
    for section in Section:
        address = reverse("demand:rubric", args=[demand.pk, section.value])
        _, fields = next(form for form in forms_of(agent.get(address).content.decode(), address) if form[0] == address)
        assert agent.post(address, {**extra, **fields}).status_code == 302, section
    agent.post(reverse("demand:nud", args=[demand.pk]), extra | {"nud": "0621126987654G1226"})
    assert Demand.objects.values(*kept).get(pk=demand.pk) == before


# ---- The same thing sent again -----------------------------------------------------------------------------------


def again(name: str, *args: Any, **fields: Any) -> tuple[str, Callable[[World], tuple[str, dict[str, Any]]]]:
    """A post on the file called `name` in the world: its label, and what is sent."""
    which, route = name.split(" ")

    def post(world: World) -> tuple[str, dict[str, Any]]:
        demand = world.demands[which]
        values = {key: value(demand) if callable(value) else value for key, value in fields.items()}
        return reverse(f"demand:{route}", args=[demand.pk, *args]), values

    return " ".join([route, *map(str, args), *fields]), post


TWO = ({"role": "dependant", "first_names": "Un"}, {"role": "other_adult", "first_names": "Deux"})
POSTS = [
    again("draft register", nud="", filed_on="12/03/2024"),
    again("changed update"),
    again("changed discard"),
    again("plain nud", nud="0621126987654G1226"),
    again("plain reception", outcome="received", on=lambda _: f"{today():%d/%m/%Y}"),
    again("plain reopen_reception"),
    again("plain proof", "violences", seen="1"),
    again("plain proof", "violences", seen="0"),
    again("plain proof", "expulsion", seen="1"),
    again("draft delete"),
    again("plain rubric", "motifs", other="essai", base=lambda d: stored_base(d, Section.GROUNDS)),
    again("plain rubric", "adresse", line="essai", base=lambda d: stored_base(d, Section.ADDRESS)),
    ("rubric menage", lambda world: (
        reverse("demand:rubric", args=[world.demands["plain"].pk, "menage"]),
        household_post(stored_base(world.demands["plain"], Section.HOUSEHOLD), *TWO),
    )),
    ("new", lambda _: (
        reverse("demand:new"), {"birth_name": "Essai", "first_names": "Wilhelmine", "form_token": str(UUID(int=77))},
    )),
]  # fmt: skip


@pytest.mark.parametrize("post", [row[1] for row in POSTS], ids=[row[0] for row in POSTS])
def test_a_post_sent_three_times_has_one_effect(world: World, agent: Client, post: Callable[[World], Any]) -> None:
    address, values = post(world)
    first = agent.post(address, values)
    after = dump(everything=True)
    for _ in range(2):
        answer = agent.post(address, values)
        assert (answer.status_code, answer.get("Location")) in {
            (first.status_code, first.get("Location")),
            (404, None),
        }
        assert dump(everything=True) == after


def test_an_interview_already_noted_is_not_said_to_be_noted_otherwise(world: World, agent: Client) -> None:
    address = reverse("demand:reception", args=[world.demands["plain"].pk])
    agent.post(address, {"outcome": "received", "on": f"{today():%d/%m/%Y}"})
    answer = agent.post(address, {"outcome": "declined", "on": f"{today():%d/%m/%Y}"})
    assert answer.status_code == 422
    assert "déjà noté" in answer.content.decode()


def test_a_draft_is_not_received_and_keeps_the_number_typed_before(world: World, agent: Client) -> None:
    demand = world.demands["draft"]
    answer = agent.post(
        reverse("demand:reception", args=[demand.pk]), {"outcome": "received", "on": f"{today():%d/%m/%Y}"}
    )
    assert answer.status_code == 422
    agent.post(reverse("demand:nud", args=[demand.pk]), {"nud": "0621126987654G1226"})
    agent.post(reverse("demand:register", args=[demand.pk]), {"nud": "", "filed_on": ""})
    assert Demand.objects.get(pk=demand.pk).nud == "0621126987654G1226"


@pytest.mark.parametrize("section", Section)
def test_a_rubric_opened_and_saved_as_it_is_stays_as_it_was(world: World, agent: Client, section: Section) -> None:
    address = reverse("demand:rubric", args=[world.demands["plain"].pk, section.value])
    _, fields = next(form for form in forms_of(agent.get(address).content.decode(), address) if form[0] == address)
    before = dump(everything=True)
    assert agent.post(address, fields).status_code == 302
    assert dump(everything=True) == before


# ---- Somebody who left --------------------------------------------------------------------------------------------


def close_account(world: World) -> None:
    world.here.user.is_active = False
    world.here.user.save()


def end_membership(world: World) -> None:
    Membership.objects.filter(user=world.here.user).update(until=today() - timedelta(days=1))


def close_place(world: World) -> None:
    assert world.here.place is not None
    type(world.here.place).objects.filter(pk=world.here.place.pk).update(closed_on=today())


def lower_place(world: World) -> None:
    assert world.here.place is not None
    type(world.here.place).objects.filter(pk=world.here.place.pk).update(level=1)


def change_role(world: World) -> None:
    Membership.objects.filter(user=world.here.user).update(role="coordinator")


@pytest.mark.parametrize("leave", [close_account, end_membership, close_place, lower_place, change_role])
def test_who_left_obtains_nothing_from_the_next_request(world: World, forms: Any, agent: Client, leave: Any) -> None:
    address = reverse("demand:detail", args=[world.demands["plain"].pk])
    assert agent.get(address).status_code == 200
    leave(world)
    try:
        before = dump()
        label = world.demands["plain"].household.label
        for url in [reverse("demand:list"), reverse("desk:today"), *file_urls(world, "plain", "draft")]:
            answer = agent.get(url)
            assert answer.status_code in {302, 403, 404, 405} or url == reverse("desk:today"), url
            assert label not in answer.content.decode()
        for action, fields in forms:
            assert agent.post(action, fields).status_code in {302, 403, 404}, action
        assert dump() == before
    finally:
        world.here.user.is_active = True


# ---- A heavy file -------------------------------------------------------------------------------------------------


@pytest.fixture
def heavy(world: World) -> Demand:
    """A draft of forty people."""
    identity = Identity(birth_name="Lourd", first_names="Exemple", birth_date=date(1980, 1, 1))
    demand = services.create_draft(world.here.actor, identity, "", uuid4(), today())
    members = tuple(
        MemberContent(role=MemberRole.DEPENDANT, first_names=f"Petit {n}", birth_name=f"Factice{n}") for n in range(39)
    )
    return keep(world.here, demand, Section.HOUSEHOLD, Household(members=members, handicap=False))


def test_a_household_of_forty_registers_in_fifteen_queries(heavy: Demand, agent: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = agent.post(reverse("demand:register", args=[heavy.pk]), {"nud": "", "filed_on": ""})
    assert answer.status_code == 302
    assert len(queries) <= 15, [q["sql"][:90] for q in queries.captured_queries]


def test_a_file_with_fifty_scores_and_500_entries_opens_in_thirteen_queries(
    world: World, heavy: Demand, agent: Client
) -> None:
    services.register(world.here.actor, heavy.pk, filed_on=date(2024, 3, 12), nud="", on=today())
    score = ScoreRecord.objects.get(demand=heavy)
    ScoreRecord.objects.bulk_create(
        ScoreRecord(demand=heavy, snapshot=score.snapshot, grid_version=score.grid_version, computed_on=today(),
                    declared=score.declared, verified=score.verified, data=score.data) for _ in range(50)
    )  # fmt: skip
    journal.record_many(world.here.actor, [journal.Act("demand.rubric_saved", "demand", heavy.pk, {})] * 500)
    for page in ("detail", "compare", "history"):
        with CaptureQueriesContext(connection) as queries:
            assert agent.get(reverse(f"demand:{page}", args=[heavy.pk])).status_code == 200
        assert len(queries) <= 12, (page, [q["sql"][:90] for q in queries.captured_queries])
    address = reverse("demand:rubric", args=[heavy.pk, "menage"])
    with CaptureQueriesContext(connection) as queries:
        assert agent.get(address).status_code == 200
    assert len(queries) <= 12
    assert Person.objects.filter(first_names__startswith="Petit").count() == 39
