"""Every public page works for anyone: no account, no cookie, no JavaScript, little weight, no dead link."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from palier.territory.models import Place, Territory
from tests.factories import make_place

PAGES = [
    "/",
    "/ou-m-adresser/",
    "/estimer-ma-note/",
    "/lieux/",
    "/lieux/mairie-oignies/",
    "/carte/",
    "/ma-demande/",
    "/facile-a-lire/",
    "/accessibilite/",
    "/mentions-legales/",
    "/vos-donnees/",
]
TEXTS = ["/robots.txt", "/.well-known/security.txt"]


def text_of(client: Client, url: str, **query: str) -> str:
    page = client.get(url, query)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("url", [*PAGES, *TEXTS])
def test_a_page_opens_for_anyone_and_leaves_no_cookie(client: Client, henin: Territory, url: str) -> None:
    page = client.get(url)
    assert page.status_code == 200
    assert not page.cookies
    assert page["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in page["Content-Security-Policy"]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_has_one_title_one_heading_and_one_primary_action_at_most(
    client: Client, henin: Territory, url: str
) -> None:
    page = text_of(client, url)
    assert '<html lang="fr">' in page
    assert len(re.findall("<h1", page)) == 1
    assert len(re.findall("btn-primary", page)) <= 1
    assert not re.search(r"style=|onclick=|<script(?![^>]*src)", page)
    assert "Quitter vite" in page


@pytest.mark.parametrize("url", PAGES)
def test_a_page_asks_for_little(client: Client, henin: Territory, url: str) -> None:
    page = text_of(client, url)
    assert len(page.encode()) < 40_000
    assert len(re.findall(r"<(?:link|script|img)[^>]+(?:href|src)=", page)) <= 8


def test_titles_differ_from_page_to_page(client: Client, henin: Territory) -> None:
    titles = [re.findall(r"<title>(.*?)</title>", text_of(client, url), re.S)[0] for url in PAGES]
    assert len(set(titles)) == len(PAGES)


@pytest.mark.parametrize("url", [url for url in PAGES if not url.startswith("/lieux/m")] + TEXTS)
def test_a_page_works_before_any_territory_is_loaded(client: Client, db: None, url: str) -> None:
    assert client.get(url).status_code == 200


def test_no_internal_link_of_the_public_site_is_dead(client: Client, henin: Territory) -> None:
    seen: set[str] = set()
    left = ["/"]
    while left:
        url = left.pop()
        if url in seen:
            continue
        seen.add(url)
        page = client.get(url)
        assert page.status_code in (200, 302), url
        if page.status_code == 200 and "html" in page["Content-Type"] and not url.startswith("/compte/"):
            left += [
                link.replace("&amp;", "&") for link in re.findall(r'href="(/(?!static/)[^"#]*)', page.content.decode())
            ]
    assert {f"/lieux/{slug}/" for slug in Place.objects.values_list("slug", flat=True)} <= seen


@pytest.mark.parametrize(
    ("url", "queries"),
    [
        ("/", 1),
        ("/lieux/", 3),
        ("/lieux/mairie-oignies/", 2),
        ("/carte/", 3),
        ("/facile-a-lire/", 1),
        ("/ma-demande/", 2),
    ],
)
def test_queries_stay_few_and_do_not_grow_with_the_places(
    client: Client, henin: Territory, django_assert_num_queries: Any, url: str, queries: int
) -> None:
    for _ in range(10):
        make_place(henin)
    with django_assert_num_queries(queries):
        client.get(url)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_reading_pages_only_answer_to_reading(client: Client, henin: Territory, method: str) -> None:
    answer = getattr(client, method)("/lieux/")
    assert answer.status_code == 405
    assert "Cette page ne s’ouvre pas directement" in answer.content.decode()
    assert answer["Content-Length"] == str(len(answer.content))


# The list


def places_listed(page: str) -> list[str]:
    return re.findall(r'<h3[^>]*><a href="/lieux/([^/]+)/"', page)


def test_places_are_grouped_by_commune_in_french_order(client: Client, henin: Territory) -> None:
    names = re.findall(r"<h2>(.*?)</h2>", text_of(client, "/lieux/"))
    assert names[0] == "Bois-Bernard"
    assert names.index("Drocourt") < names.index("Évin-Malmaison") < names.index("Hénin-Beaumont")
    assert names[-1] == "Hors des communes du territoire"


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ({"commune": "62637"}, ["mairie-oignies", "cllaj-oignies"]),
        ({"genre": "cllaj"}, ["cllaj-oignies"]),
        ({"genre": "siao", "niveau": "2"}, ["siao-lens"]),
        ({"commune": "62277", "niveau": "2"}, []),
        ({"commune": "ailleurs", "genre": "ccas"}, ["ccas-loos-en-gohelle"]),
    ],
)
def test_filters_keep_what_they_say(client: Client, henin: Territory, query: dict[str, str], slugs: list[str]) -> None:
    assert places_listed(text_of(client, "/lieux/", **query)) == slugs


def test_an_empty_list_says_what_would_fill_it(client: Client, henin: Territory) -> None:
    assert "Retirez-en un" in text_of(client, "/lieux/", commune="62277", niveau="2")


@pytest.mark.parametrize("value", ["99999", "\0", "x" * 10_000, "<script>"])
def test_an_unknown_filter_is_told_and_every_place_is_shown(client: Client, henin: Territory, value: str) -> None:
    page = client.get("/lieux/", {"commune": value})
    assert page.status_code == 422
    assert "tous les lieux sont affichés" in page.content.decode()
    assert len(places_listed(page.content.decode())) == Place.objects.count()


# One place


def test_a_place_says_what_is_to_be_confirmed(client: Client, henin: Territory) -> None:
    page = text_of(client, "/lieux/mairie-carvin/")
    assert "À confirmer\u00a0:" in page
    assert "Informe et enregistre la demande" in page
    assert "pièce d’identité ou de séjour" in page


@time_machine.travel("2026-11-23T08:00:00+00:00", tick=False)
def test_a_place_with_known_hours_says_whether_it_is_open(client: Client, henin: Territory) -> None:
    page = text_of(client, "/lieux/ccas-loos-en-gohelle/")
    assert "Ouvert aujourd’hui jusqu’à 12\u00a0h" in page
    assert 'href="tel:0321698877"' in page
    assert "Sur rendez-vous" in page


def test_a_closed_place_sends_elsewhere(client: Client, henin: Territory) -> None:
    Place.objects.filter(slug="mairie-carvin").update(closed_on="2026-11-02")
    page = text_of(client, "/lieux/mairie-carvin/")
    assert "n’accueille plus depuis le 2 novembre 2026" in page
    assert "mairie-carvin" not in places_listed(text_of(client, "/lieux/"))


@pytest.mark.parametrize("slug", ["lieu-perdu", "x" * 5_000])
def test_an_unknown_place_is_a_404_that_helps(client: Client, henin: Territory, slug: str) -> None:
    page = client.get(f"/lieux/{slug}/")
    assert page.status_code == 404
    assert "<h1" in page.content.decode()


# The map


def test_the_map_and_its_table_say_the_same(client: Client, henin: Territory) -> None:
    page = text_of(client, "/carte/")
    tiles = set(re.findall(r'aria-label="([^"]+?)\u00a0: (\d+)\u00a0lieux?, ([^"]+)" class="tile', page))
    rows = re.findall(r'<th scope="row"><a[^>]*>(.*?)</a></th><td[^>]*>(.*?)</td><td[^>]*>(\d+)</td>', page, re.S)
    assert tiles == {(name, count, says) for name, says, count in rows}
    assert len(rows) == 14
    assert ("Drocourt", "1", "on y informe") in tiles


# For machines


@time_machine.travel("2026-11-22T12:00:00+00:00", tick=False)
def test_security_txt_has_what_the_rfc_asks(client: Client, db: None) -> None:
    page = text_of(client, "/.well-known/security.txt")
    assert "Contact: http://testserver/mentions-legales/" in page
    assert "Expires: 2027-05-21T00:00:00Z" in page


def test_robots_keep_out_of_the_desk(client: Client, db: None) -> None:
    assert "Disallow: /demandes/" in text_of(client, "/robots.txt")
