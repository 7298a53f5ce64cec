"""A territory's logo: shapes only, served under an address that changes with it."""

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from palier.common.actor import SYSTEM
from palier.territory import services
from palier.territory.files import read_folder
from palier.territory.logo import logo_problem
from palier.territory.models import Territory

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><title>Logo factice</title>{}</svg>'


def svg(inside: str) -> bytes:
    return LOGO.format(inside).encode()


@pytest.mark.parametrize(
    "inside",
    [
        '<path d="M0 0H4V4Z" fill="#0f5c54"/>',
        '<g style="fill:#fff;stroke:none"><rect width="1" height="1"/></g>',
        '<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><circle r="1" fill="url(#a)"/>',
        "<!-- dessin --><desc>Un escalier</desc>",
    ],
)
def test_shapes_colours_and_gradients_make_a_logo(inside: str) -> None:
    assert logo_problem(svg(inside)) is None


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (svg("<script>1</script>"), "script"),
        (svg("<style>g{fill:red}</style>"), "style"),
        (svg('<image href="a.png"/>'), "image"),
        (svg('<path onload="go()" d="M0 0"/>'), "onload"),
        (svg('<g xmlns:x="http://www.w3.org/1999/xlink" x:href="#a"/>'), "href"),
        (svg('<path fill="url(https://exemple.test/a)"/>'), "fill"),
        (svg('<g style="background:url(//exemple.test)"/>'), "style"),
        (svg('<g style="background:u\\72l(a)"/>'), "style"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg(""), "DOCTYPE"),
        (svg("<g>"), "bien formé"),
        (b"\xff\xfe\x00", "bien formé"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "viewBox"),
        (b"<html/>", "viewBox"),
        (svg("<g/>" * 6_000), "trop lourd"),
    ],
)
def test_anything_that_could_act_or_call_out_is_refused_in_french(content: bytes, word: str) -> None:
    problem = logo_problem(content)
    assert problem is not None
    assert word in problem


@pytest.mark.django_db
def test_the_logo_is_loaded_checked_shown_and_withdrawn(folder: Path, client: Client) -> None:
    (folder / "logo.svg").write_bytes(svg("<script/>"))
    assert [problem.file for problem in read_folder(folder)[1]] == ["logo.svg"]
    (folder / "logo.svg").write_bytes(svg('<path d="M0 0"/>'))
    services.load(SYSTEM, read_folder(folder)[0], date(2026, 11, 22))
    address = Territory.objects.get().logo_url
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert answer.content == svg('<path d="M0 0"/>')
    assert f'src="{address}"' in client.get("/").content.decode()
    (folder / "logo.svg").unlink()
    changes = services.load(SYSTEM, read_folder(folder)[0], date(2026, 11, 22))
    assert changes == [
        "~ territoire «\u00a0Communauté de communes des Lacs Fictifs\u00a0»\u00a0: "
        f"logo de {len(answer.content)}\u00a0caractères → (rien)"
    ]
    assert client.get(address).status_code == 404
