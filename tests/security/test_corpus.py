"""Whatever is typed or sent: a sentence in French, never an error 500, and nothing typed is lost (trust T13, §5.2)."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse

from palier.demand import services
from palier.demand.content import Household, MemberContent
from palier.demand.enums import Section
from palier.demand.models import Demand
from palier.people.enums import MemberRole
from palier.people.models import Household as StoredHousehold
from tests.security.world import World, dump, forms_of, keep, standing

Forms = list[tuple[str, dict[str, list[str]]]]
PAYLOADS = [
    "N'Guyen-Élodie", "O’Brien", "عَلِيّ", "Zoé 👩🏽‍🦱\u200d", "e\u0301", "A", "\x00", "a\x00b\x1f\x7f", "\u202egnp.exe",
    "\ufeff", "  ", "%00", "%", "'; DROP TABLE demand_demand;--", "\" OR 1=1 --", "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>", "{{ 7|add:7 }}{% load x %}", "${7*7}#{7*7}", "../../etc/passwd",
    "a\r\nSet-Cookie: x=1",
    "29/02/2027", "00/00/0000", "31/12/9999", "01/01/0001", "2026-13-45", "-1", "0", "1e400", "NaN", "Infinity", "-0",
    "²", "١٢", "9" * 30, "9" * 5000, "1" * 18, "x" * 100_000, "True",
    "[]", "{}", "[" * 50_000, "oui", "Ⅷ", "\ud7ff\U0010ffff",
]  # fmt: skip
TURNS = 5
# Fields that a form needs untouched for its other fields to be read at all.
KEPT = {"base", "form_token", "personnes-TOTAL_FORMS", "personnes-INITIAL_FORMS"}


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


@pytest.fixture(scope="module")
def pages(built: World) -> dict[str, dict[str, str]]:
    """The pages that an agent and an anonymous visitor may open, by visitor and address."""
    found: dict[str, dict[str, str]] = {}
    for who, client in (("agent", built.here.client()), ("anonyme", Client())):
        answers = {url: client.get(url) for _, url in built.urls("plain", "draft")}
        found[who] = {
            url: answer.content.decode()
            for url, answer in answers.items()
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        }
    return found


@pytest.fixture(scope="module")
def forms(pages: dict[str, dict[str, str]]) -> dict[str, Forms]:
    """The forms of those pages, each shape once: the same fields sent to the same view."""
    found: dict[str, Forms] = {}
    for who, texts in pages.items():
        shapes: dict[str, tuple[str, dict[str, list[str]]]] = {}
        for url, text in texts.items():
            for action, fields in forms_of(text, url):
                if "deconnexion" not in action:
                    shapes.setdefault(resolve(action).view_name + ",".join(fields), (action, fields))
        found[who] = list(shapes.values())
    return found


def client_of(world: World, who: str) -> Client:
    return world.here.client() if who == "agent" else Client()


def is_answered(answer: Any) -> bool:
    """Not a failure; and a refusal says why, in a page in French."""
    if answer.status_code >= 500:
        return False
    if answer.status_code < 400:
        return True
    text = answer.content.decode()
    if answer["Content-Type"] == "application/json":
        return True
    errors = re.search(r'class="errors".*?<li>\s*\S', text, re.DOTALL) or "notice-warning" in text
    return 'lang="fr"' in text and bool(errors or answer.status_code != 422)


def test_the_forms_of_the_site_are_found(world: World, forms: dict[str, Forms]) -> None:
    assert len(forms["agent"]) > 20
    assert {"login", "password"} <= {name for _, fields in forms["anonyme"] for name in fields}


def mixtures(names: list[str], turn: int) -> Iterator[dict[str, str]]:
    """Values for these fields: each wrong one for a short form, a different one in each field of a long form. A form
    that is only a button is sent once."""
    if not names:
        yield from [{}][turn:]
    elif len(names) <= 2:
        yield from (dict.fromkeys(names, payload) for payload in PAYLOADS[turn::TURNS])
    else:
        yield {name: PAYLOADS[(index * 5 + turn * 6) % len(PAYLOADS)] for index, name in enumerate(names)}


@pytest.mark.parametrize("turn", range(TURNS))
def test_no_value_breaks_a_form(world: World, forms: dict[str, Forms], turn: int) -> None:
    for who, found in forms.items():
        client = client_of(world, who)
        for action, fields in found:
            for values in mixtures([name for name in fields if name not in KEPT], turn):
                assert is_answered(client.post(action, fields | values)), (who, action, values)


TEXTS = ["عَلِيّ 👩🏽‍🦱", "a\x00b", "<script>alert(1)</script>", "x" * 5_000, "31/12/9999", "01/01/0001", "1e400", "²"]


def test_no_field_alone_breaks_a_form_nor_the_pages_that_show_it(
    world: World, agent: Client, forms: dict[str, Forms]
) -> None:
    shown = reverse("demand:detail", args=[world.demands["plain"].pk])
    alone = [form for form in forms["agent"] if form[0].startswith("/demandes/") and len(form[1]) > 1]
    for action, fields in alone:
        names = [name for name in fields if not re.search(r"FORMS$|-[1-9]-|^base$", name)]
        for index, name in enumerate(names):
            payload = TEXTS[index % len(TEXTS)]
            answer = agent.post(action, fields | {"base": [current_base(action)], name: payload})
            assert is_answered(answer), (action, name, payload[:20])
            assert "<script>alert" not in answer.content.decode()
        page = agent.get(shown)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


def current_base(action: str) -> str:
    """The mark that the rubric at this address has now."""
    found = re.match(r"/demandes/(\d+)/rubrique/(\w+)/", action)
    if not found:
        return ""
    demand = Demand.objects.filter(pk=found[1]).first()
    return services.fingerprint(demand.answers.rubric(Section(found[2]))) if demand else ""


@pytest.mark.parametrize("day", ["01/01/0001", "31/12/9999", "29/02/2028", "31/01/1000"])
@pytest.mark.parametrize(
    ("section", "name"), [("logement", "lease_end"), ("travail", "resumed_on"), ("menage", "unborn_due")]
)
def test_a_date_at_the_end_of_time_is_scored_shown_and_printed(
    world: World, agent: Client, section: str, name: str, day: str
) -> None:
    demand = world.demands["plain"]
    address = reverse("demand:rubric", args=[demand.pk, section])
    _, fields = next(form for form in forms_of(agent.get(address).content.decode(), address) if form[0] == address)
    answer = agent.post(address, fields | {name: day, "long_unemployment": "oui"})
    assert is_answered(answer)
    for page in ("update", "sheet"):
        assert agent.post(reverse(f"demand:{page}", args=[demand.pk])).status_code in {200, 302}
    for page in ("detail", "compare"):
        assert agent.get(reverse(f"demand:{page}", args=[demand.pk])).status_code == 200
    assert agent.get(address).status_code == 200


BODIES: list[tuple[str, bytes, str]] = [
    ("json", b'{"birth_name": ["x"], "personnes-TOTAL_FORMS": {}}', "application/json"),
    ("nothing", b"", "application/x-www-form-urlencoded"),
    ("no content type", b"birth_name=x", ""),
    ("unknown charset", b"birth_name=x", "application/x-www-form-urlencoded; charset=martien"),
    ("utf-16", "birth_name=x".encode("utf-16"), "application/x-www-form-urlencoded; charset=utf-16"),
    ("invalid utf-8", b"birth_name=%FF%FE&other=%C3&line=\xff\xfe&nud=%ED%A0%80", "application/x-www-form-urlencoded"),
    ("xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "text/xml"),
    ("no boundary", b"--x\r\n\r\n", "multipart/form-data"),
    ("cut multipart", b'--x\r\nContent-Disposition: form-data; name="birth_name"\r\n\r\nabc',
     "multipart/form-data; boundary=x"),
    ("2,000 fields", b"&".join(b"f%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded"),
    ("10,000 fields", b"&".join(b"f%d=1" % n for n in range(10_000)), "application/x-www-form-urlencoded"),
    ("3 MB", b"birth_name=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    ("arrays", b"birth_name=a&birth_name=b&birth_name[]=c&outcome=received&outcome=declined&seen=1&seen=0&base=x",
     "application/x-www-form-urlencoded"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BODIES)), ids=[row[0] for row in BODIES])
def test_no_body_breaks_a_form(world: World, forms: dict[str, Forms], number: int) -> None:
    # Bodies are read before any view: each form is tried with a third of them.
    _, body, kind = BODIES[number]
    for who, found in forms.items():
        client = client_of(world, who)
        for action, _ in found[number % 3 :: 3]:
            assert is_answered(client.generic("POST", action, body, kind)), (who, action)


def test_a_file_sent_where_a_word_is_expected_breaks_nothing(agent: Client, forms: dict[str, Forms]) -> None:
    for action, fields in forms["agent"]:
        posted = {name: SimpleUploadedFile("../../x.exe", b"MZ") for name in fields}
        assert is_answered(agent.post(action, posted)), action


@pytest.mark.parametrize("lines", ["1000000000", "²", "-1", "", "x", "9" * 5000, "40", "1.5", "\x00"])
@pytest.mark.parametrize("which", ["personnes-TOTAL_FORMS", "personnes-INITIAL_FORMS"])
def test_no_count_of_lines_breaks_the_household(world: World, agent: Client, which: str, lines: str) -> None:
    demand = world.demands["plain"]
    before = dump()
    posted = {"personnes-TOTAL_FORMS": "1", "personnes-INITIAL_FORMS": "0", which: lines}
    posted |= {"base": current_base(f"/demandes/{demand.pk}/rubrique/menage/"), "personnes-0-first_names": "Perdu"}
    answer = agent.post(reverse("demand:rubric", args=[demand.pk, "menage"]), posted)
    assert answer.status_code == 422
    assert is_answered(answer)
    assert dump() == before


@pytest.mark.parametrize("turn", range(3))
def test_no_query_string_breaks_a_page(world: World, pages: dict[str, dict[str, str]], turn: int) -> None:
    everything = "".join(text for texts in pages.values() for text in texts.values())
    names = set(re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', everything))
    names |= set(re.findall(r"[?&;](\w+)=", everything)) | {"next", "avant", "avec", "etat", "enregistree", "page"}
    short = [payload for payload in PAYLOADS if len(payload) < 9_000]
    for who, texts in pages.items():
        client = client_of(world, who)
        kinds = {re.sub(r"\d+|rubrique/\w+", "n", url): url for url in texts}
        for place, url in enumerate(kinds.values()):
            query = {name: short[(place + index + turn * 7) % len(short)] for index, name in enumerate(sorted(names))}
            answer = client.get(url, query)
            assert is_answered(answer), (who, url)
            assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    ["/%00/", "/lieux/%00/", "/lieux/%ff/", "/demandes/%00/", f"/demandes/{'9' * 30}/", f"/demandes/{'9' * 5000}/",
     "/demandes/-1/", "/demandes/0/", "/demandes/1%2f2/", "/demandes/١/", "/demandes/1/rubrique/%00/",
     "/theme/ffffff.css%00", "/demandes//", "/demandes/1/../../compte/", "/..%2f..%2fetc%2fpasswd",
     "/static/..%2f..%2fconfig/urls.py", f"/compte/securite/cles/{'9' * 40}/renommer/", f"/lieux/{'x' * 3000}/",
     "/compte/mot-de-passe/choisir/%00-x/", f"/compte/mot-de-passe/choisir/{'z' * 60}-x-y/",
     f"/demandes/1/piece/{'x' * 500}/"],
    ids=lambda path: ascii(path)[1:40],
)  # fmt: skip
def test_no_path_breaks_the_site(world: World, path: str) -> None:
    for client in (world.here.client(), Client()):
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            assert answer.status_code in {301, 302, 400, 404, 405} or "choisir" in path, (method, answer.status_code)
            assert answer.status_code < 500


LOST = [
    ("identite", {"birth_name": "Gardé-Un", "usage_name": "Gardé-Deux", "first_names": "Gardé-Trois",
                  "birth_date": "zut"}),
    ("adresse", {"line": "Gardé-Un", "town": "Gardé-Deux", "care_of": "Gardé-Trois", "email": "zut"}),
    ("logement", {"rent": "zut", "benefit": "123,45", "surface": "Gardé-Un", "lease_end": "Gardé-Deux"}),
    ("ressources", {"rfr_n2": "zut", "monthly_SAL": "123,45", "rfr_n1": "Gardé-Un"}),
    ("motifs", {"first": "zut", "other": "Gardé-Un"}),
    ("recherche", {"max_rent": "Gardé-Un"}),
    ("travail", {"resumed_on": "Gardé-Un"}),
    ("menage", {"personnes-0-role": "dependant", "personnes-0-first_names": "Gardé-Un", "personnes-0-birth_date": "zut",
                "personnes-1-first_names": "Gardé-Deux", "unborn": "Gardé-Trois",
                "personnes-TOTAL_FORMS": "2", "personnes-INITIAL_FORMS": "0"}),
]  # fmt: skip


@pytest.mark.parametrize(("section", "typed"), LOST, ids=[row[0] for row in LOST])
def test_what_was_typed_comes_back_with_the_refusal(
    world: World, agent: Client, section: str, typed: dict[str, str]
) -> None:
    answer = agent.post(reverse("demand:rubric", args=[world.demands["plain"].pk, section]), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert [value for value in typed.values() if value not in text and value != "zut"] == []
    assert "field-error" in text


def test_what_was_typed_to_open_a_demand_comes_back_with_the_refusal(agent: Client) -> None:
    typed = {
        "birth_name": "Gardé-Un",
        "first_names": "Gardé-Deux",
        "phone": "06 00 00 00 09",
        "birth_date": "31/02/1990",
    }
    text = agent.post(reverse("demand:new"), typed | {"form_token": str(uuid4())}).content.decode()
    assert [value for value in typed.values() if value not in text] == []


def test_a_form_whose_token_was_lost_can_be_sent_again(agent: Client) -> None:
    page = agent.post(reverse("demand:new"), {"birth_name": "Gardé-Un", "form_token": "zut"})
    assert page.status_code == 422
    _, fields = next(form for form in forms_of(page.content.decode(), "/") if "birth_name" in form[1])
    assert agent.post(reverse("demand:new"), fields).status_code == 302


def test_forty_people_with_the_longest_names_fit_in_a_label(world: World) -> None:
    members = tuple(
        MemberContent(role=MemberRole.CO_APPLICANT, first_names="É" * 120, birth_name="W" * 118 + f"{n:02}")
        for n in range(39)
    )  # fmt: skip
    demand = keep(world.here, world.demands["draft"], Section.HOUSEHOLD, Household(members=members))
    length = StoredHousehold._meta.get_field("label").max_length
    assert len(StoredHousehold.objects.get(pk=demand.household_id).label) <= (length or 0)


def test_a_cookie_that_is_not_one_is_nobody(world: World) -> None:
    for cookie in ('"\\000abcdefghij"', "x" * 4000, "é", '"', "a;b=c", "\\x00"):
        answer = Client(HTTP_COOKIE=f"sessionid={cookie}").get(reverse("demand:list"))
        assert answer.status_code == 302
