"""Every word of a file is unique: found anywhere in what others receive, it is a leak (trust T01, T05, T11)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from palier.common.clock import today
from palier.demand import handover
from palier.demand.access import _one, get_demand
from palier.demand.enums import Scope
from palier.demand.listing.selectors import _values
from palier.demand.models import Demand
from palier.journal.models import Entry
from palier.territory import access
from tests.architecture.routes import all_routes
from tests.security.world import World, dump, received, standing

STRANGERS = (
    "anonyme", "mot de passe seul", "parti", "informateur", "enregistreur de niveau 1",
    "informateur du même organisme", "autre guichet", "coordinateur", "délégué", "administrateur", "autre territoire",
)  # fmt: skip
# Values that every form of a file would accept: a post that is refused is refused for who sends it.
FILLED = {
    "outcome": "received", "nud": "0621126987654G1226", "seen": "1", "back": "1", "kind": "LP", "other": "essai",
    "birth_name": "Essai", "family": "C", "line": "1 rue de l’Essai", "personnes-TOTAL_FORMS": "0",
    "personnes-INITIAL_FORMS": "0", "base": "74234e98afe7498f", "anyway": "1", "filed_on": "12/03/2024",
}  # fmt: skip

WHOM = ("identite.", "menage.members.")


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), standing() as world:
        yield world


@pytest.fixture
def world(built: World, db: None) -> World:
    return built


# A public page says the same to everybody: two visitors read them all.
READ_ALL = {"anonyme", "autre guichet"}
PUBLIC = {route.name for route in all_routes() if access.needed(route.view, route.name) == access.PUBLIC}


def leaks(world: World, who: str, *names: str, posts: bool = True) -> Iterator[str]:
    """Every address at which this visitor receives a token that they must not. Those of files come first."""
    client, forbidden = world.client(who), world.hidden(who)
    for name, url in sorted(world.urls(*names), key=lambda row: not row[0].startswith("demand:")):
        if name in PUBLIC and who not in READ_ALL:
            continue
        answers = [client.get(url)]
        if posts and name not in {"account_logout", "account_login"}:
            answers.append(client.post(url, FILLED | {"on": f"{today():%d/%m/%Y}"}))
        for answer in answers:
            assert answer.status_code < 500, (who, url)
            words = received(answer)
            yield from (f"{answer.request['REQUEST_METHOD']} {url}: {one}" for one in forbidden if one in words)


def test_there_is_a_stranger_of_every_kind(world: World) -> None:
    assert set(STRANGERS) == set(world.others)


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_receives_a_word_of_a_file_nor_changes_it(world: World, who: str) -> None:
    before = dump()
    # Who holds no right over files is stopped before any file is read: one is enough.
    names = () if who == "autre guichet" else ("protected",)
    assert list(leaks(world, who, *names)) == []
    after = dump()
    for table in ("demand.Demand", "demand.Snapshot", "demand.Proof", "demand.ScoreRecord", "duties.Duty"):
        mine = [row for row in after[table] if row in before[table]]
        assert mine == before[table], table


def test_the_organisation_that_follows_the_file_receives_all_of_it(world: World) -> None:
    client = world.here.client()
    for name in ("plain", "protected"):
        address = reverse("demand:detail", args=[world.demands[name].pk])
        words = received(client.get(address))
        last = [planted[-1] for planted in world.tokens[name].planted.values()]
        missing = [word for word in last if word not in words and word.replace("-", "") not in words]
        assert len(missing) < len(last) // 3, missing


def test_another_desk_reads_whom_the_file_houses_and_what_it_seeks(world: World) -> None:
    address = reverse("demand:detail", args=[world.demands["plain"].pk])
    words = received(world.client("autre guichet").get(address))
    seeks = world.tokens["plain"].planted["recherche.max_rent"]
    assert any(word in words for word in seeks)
    assert world.tokens["plain"].planted["identite.usage_name"][0] in words


@pytest.mark.parametrize("who", ["autre guichet", "autre territoire"])
def test_searching_a_hidden_word_answers_as_if_it_were_nowhere(world: World, who: str) -> None:
    client = world.client(who)

    def answer(typed: str) -> str:
        page = client.get(reverse("desk:search"), {"q": typed}).content.decode()
        return page.split('id="contenu"')[-1].replace(typed, "…")

    def hidden() -> Iterator[str]:
        for name in ("protected", "draft"):
            for where, words in world.tokens[name].planted.items():
                # Whom a registered file houses may be looked for, by name or by birth date.
                if name == "draft" or who == "autre territoire" or not where.startswith(WHOM):
                    yield words[0]

    nowhere = answer("qzzzzzzzz")
    assert "Personne ne correspond" in nowhere
    assert [word for word in hidden() if answer(word) != nowhere] == []


def test_only_the_organisation_finds_its_files_by_telephone(world: World) -> None:
    phone = world.tokens["protected"].planted["adresse.phone"][-3]
    found = world.here.client().get(reverse("desk:search"), {"q": phone}).content.decode()
    assert reverse("demand:detail", args=[world.demands["protected"].pk]) in found


def test_a_double_warned_of_shows_no_word_of_the_other_file(world: World) -> None:
    content = world.demands["plain"].answers
    typed = {
        "birth_name": content.identite.birth_name + "s",
        "first_names": content.identite.first_names,
        "birth_date": f"{content.identite.birth_date:%d/%m/%Y}",
        "form_token": "00000000-0000-0000-0000-00000000ffff",
    }
    answer = world.client("autre guichet").post(reverse("demand:new"), typed)
    words = received(answer)
    assert "peut-être déjà connue" in words
    assert [word for word in world.hidden("autre guichet") if word in words] == []
    assert content.identite.usage_name not in words
    assert Entry.objects.filter(action="demand.double_shown").count() == 1


def test_the_sheet_of_a_protected_household_never_prints_its_address(world: World) -> None:
    client = world.here.client()
    printed = {}
    for name in ("plain", "protected"):
        answer = client.post(reverse("demand:sheet", args=[world.demands[name].pk]))
        planted = world.tokens[name].planted
        words = received(answer)
        assert planted["identite.birth_name"][0] in words
        printed[name] = {
            field for field in planted if field.startswith("adresse.") and any(word in words for word in planted[field])
        }
    assert "adresse.line" in printed["plain"]
    assert printed["protected"] == set()


def test_the_sheet_says_what_was_registered_and_not_what_is_being_typed(world: World) -> None:
    planted = world.tokens["changed"].planted["motifs.other"]
    data = handover.sheet_data(world.here.actor, get_demand(world.here.actor, world.demands["changed"].pk), today())
    assert planted[0] in repr(data)
    assert planted[1] not in repr(data)


def _any(*values: int) -> list[Demand]:
    return list(_one(Demand.objects.all(), values[-1]))


MUTATIONS = [
    ("the closed list of demands", "palier.demand.access._visible", _any),
    ("the scope of a demand", "palier.demand.selectors.scope_of", lambda *_: Scope.OWN),
    ("the demands of the organisation", "palier.demand.access._own", _any),
    (
        "the list of the organisation",
        "palier.demand.listing.selectors._whole",
        lambda *_: list(_values(Demand.objects.all())),
    ),
]


@pytest.mark.parametrize(("place", "function"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS])
def test_the_oracle_sees_a_filter_that_somebody_removed(
    world: World, monkeypatch: Any, place: str, function: Any
) -> None:
    monkeypatch.setattr(place, function)
    assert next(leaks(world, "autre guichet", posts=False), None)


def test_reading_a_file_is_always_written_down_once_and_without_its_words(world: World) -> None:
    client = world.here.client()
    told = [word for tokens in world.tokens.values() for name, words in tokens.planted.items() for word in words
            if not name.startswith(("identite", "menage"))]  # fmt: skip
    for _, url in world.urls():
        last = Entry.objects.order_by("-number").values_list("number", flat=True)[0]
        words = received(client.get(url))
        written = Entry.objects.filter(number__gt=last, subject_type="demand")
        if any(word in words for word in told):
            assert [entry.action for entry in written] == ["demand.read"], url
        assert len(written) <= 1, url
    everything = "\n".join(f"{entry.data} {entry.subject_id}" for entry in Entry.objects.all()).lower()
    planted = [word for tokens in world.tokens.values() for words in tokens.planted.values() for word in words]
    assert [word for word in planted if word.lower() in everything] == []


def test_a_conflict_that_shows_what_a_colleague_wrote_is_a_reading(world: World) -> None:
    demand = world.demands["plain"]
    address = reverse("demand:rubric", args=[demand.pk, "motifs"])
    readings = Entry.objects.filter(subject_id=str(demand.pk), action="demand.read")
    before = readings.count()
    answer = world.here.client().post(address, {"base": "x", "other": "essai"})
    assert world.tokens["plain"].planted["motifs.other"][0] in received(answer)
    assert readings.count() == before + 1
