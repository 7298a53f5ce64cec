"""Pages are written in correct French: the spaces, quotation marks and apostrophes of the language."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(p for p in (ROOT / "palier").rglob("*.html") if "templates" in p.parts)
WRONG = {
    "une espace insécable fine précède ; ! ?": re.compile(r"[^\s\u202f;!?…|][ \u00a0]?[;!?](?=\s|$)"),
    "une espace insécable précède :": re.compile(r"[^\s\u00a0\d]? ?:(?=\s|$)"),
    "« est suivi d’une espace insécable": re.compile(r"«(?!\u00a0)"),
    "» est précédé d’une espace insécable": re.compile(r"(?<!\u00a0)»"),
    "l’apostrophe est courbe": re.compile(r"\w'\w"),
    "les points de suspension sont un seul signe": re.compile(r"\.\.\."),
}


class Texts(HTMLParser):
    """The texts that a person reads: content, and the attributes that are read or shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style", "code", "pre", "kbd"}
        self.found += [v for k, v in attrs if k in {"aria-label", "title", "alt", "placeholder"} and v]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style", "code", "pre", "kbd"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def texts_of(template: str) -> list[str]:
    """Texts of a template; what it will fill in is read as the letter x."""
    bare = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", template, flags=re.S)
    bare = re.sub(r"{{.*?}}", "x", bare, flags=re.S)
    sentences = re.findall(r'sentence="([^"]*)"', bare)
    parser = Texts()
    parser.feed(re.sub(r"{%.*?%}", "", bare, flags=re.S))
    return [unescape(t) for t in parser.found + sentences]


def faults(text: str) -> list[str]:
    found = [rule for rule, wrong in WRONG.items() if rule != "une espace insécable précède :" and wrong.search(text)]
    if re.search(r"[^\s\u00a0]:(?=\s|$)|[^\u00a0\S]:(?=\s|$)", text.strip()):
        found.append("une espace insécable précède :")
    return found


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Où m’adresser\u202f?", True),
        ("Où m’adresser ?", False),
        ("Où m'adresser\u202f?", False),
        ("Lieu\u00a0: Carvin", True),
        ("Lieu : Carvin", False),
        ("Lieu: Carvin", False),
        ("à 14:30", True),
        ("«\u00a0oui\u00a0»", True),
        ("« oui »", False),
        ("Patientez...", False),
    ],
)
def test_the_check_itself_knows_right_from_wrong(text: str, right: bool) -> None:
    assert (faults(text) == []) is right


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "palier")))
def test_a_page_is_typeset_as_french(template: Path) -> None:
    wrong = {" ".join(t.split(" ")).strip(): faults(t) for t in texts_of(template.read_text()) if faults(t)}
    assert wrong == {}
