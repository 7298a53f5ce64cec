"""The page of components, the colour of a territory, and the pages of errors."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from palier.common import views
from palier.common.context import _where
from tests.factories import make_territory

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(p for p in (ROOT / "palier").rglob("*.html") if "templates" in p.parts)


class Page(HTMLParser):
    """Ids, and what points to an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.pointers: set[str] = set()
        self.h1 = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {k: v or "" for k, v in attrs}
        self.h1 += tag == "h1"
        if "id" in values:
            self.ids.append(values["id"])
        self.pointers |= {values["for"]} if "for" in values else set()
        for name in ("aria-describedby", "aria-labelledby"):
            self.pointers |= set(values.get(name, "").split())
        if values.get("href", "").startswith("#"):
            self.pointers.add(values["href"][1:])


def test_the_page_of_components_shows_each_one_with_its_labels_and_errors_tied(db: None, client: Client) -> None:
    html = client.get("/design/").content.decode()
    page = Page(html)
    assert page.h1 == 1
    assert page.pointers <= set(page.ids)
    assert sorted(page.ids) == sorted(set(page.ids))
    assert 'aria-invalid="true"' in html
    assert 'id="id_erreur-birth_date_error"' in html


def test_the_page_of_components_does_not_exist_in_production(rf: RequestFactory, settings: Any) -> None:
    settings.PALIER_DEMO = settings.DEBUG = False
    with pytest.raises(views.Http404):
        views.design(rf.get("/design/"))


def test_a_territory_gives_its_pages_its_name_and_colour(db: None, client: Client) -> None:
    make_territory(short_name="Vallée-Fictive", accent="#1a4f8b")
    html = client.get("/mentions-legales/").content.decode()
    assert "Logement social · Vallée-Fictive" in html
    assert 'href="/theme/1a4f8b.css"' in html


def test_pages_open_before_any_territory_is_loaded(db: None, client: Client) -> None:
    html = client.get("/mentions-legales/").content.decode()
    assert "/theme/" not in html


def test_the_colour_is_a_stylesheet_kept_for_ever(client: Client) -> None:
    answer = client.get("/theme/1a4f8b.css")
    assert answer.content.decode().startswith(":root{--accent:#1a4f8b;")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize("accent", ["ffcc00", "fff", "1a4f8g", "1A4F8B"])
def test_an_unreadable_colour_is_never_served(db: None, client: Client, accent: str) -> None:
    assert client.get(f"/theme/{accent}.css").status_code == 404


def test_an_unknown_address_says_so_and_offers_a_way_back(db: None, client: Client) -> None:
    answer = client.get("/nulle-part/")
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.content.decode()


def test_the_page_of_a_failure_needs_nothing_that_may_have_failed() -> None:
    html = render_to_string("500.html")
    assert Page(html).h1 == 1


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "palier")))
def test_no_template_holds_inline_style_or_script(template: Path) -> None:
    html = template.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"""src=["']https?:|<link[^>]*https?:""", html), "a page loads nothing from another host"


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/demandes/4/pieces/", ("/demandes/", "")),
        ("/demandes/", ("/demandes/", "/demandes/")),
        ("/demandes/suivi/", ("/demandes/suivi/", "/demandes/suivi/")),
        ("/bureau/cotation/essais/", ("/bureau/cotation/", "")),
        ("/bureau/", ("", "/bureau/")),
        ("/ailleurs/", ("", "")),
    ],
)
def test_the_menu_says_where_one_is(path: str, where: tuple[str, str]) -> None:
    assert _where(path) == where


def test_the_browser_of_a_shared_counter_keeps_nobody() -> None:
    """Names and addresses typed for one household are not offered before the next one."""
    typed = [
        (path.name, form)
        for path in TEMPLATES
        if "demand" in path.parts
        for form in re.findall(r"<form [^>]*novalidate[^>]*>", path.read_text())
    ]
    assert len(typed) > 20
    assert [name for name, form in typed if 'autocomplete="off"' not in form] == []
