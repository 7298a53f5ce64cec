"""A territory where everything that the files of one organisation say is a word found nowhere else.

Filled from the rubrics' own fields: a field added to the demand gets its token by itself.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, get_args
from uuid import UUID

import pikepdf
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse

from palier.accounts.models import User
from palier.common.actor import Actor
from palier.common.clock import today
from palier.common.text import date_fr
from palier.common.yamlfile import read
from palier.cotation import api as cotation
from palier.demand import services
from palier.demand.codes import LISTS as CODES
from palier.demand.content import RUBRICS, Address, Identity, Rubric
from palier.demand.enums import Section
from palier.demand.models import Demand
from palier.demand.rules import _CHOICES, LISTS
from palier.people.enums import MemberRole
from palier.territory.models import Membership, Organisation, Place, Territory
from palier.territory.selectors import actor_of, current_memberships
from tests.architecture.routes import all_routes
from tests.factories import make_agent, make_commune, make_place, make_territory, make_user, sign_in

GRID = Path(__file__).resolve().parent.parent / "cotation" / "data" / "grille-demo.yaml"
# What R441-2-6 lets another registering body read of a registered demand: whom it houses, and what it seeks.
SHARED = {"identite.birth_name", "identite.usage_name", "identite.first_names", "identite.birth_date"}
SHARED |= {"menage.members.birth_name", "menage.members.usage_name", "menage.members.first_names"}
SHARED |= {f"recherche.{name}" for name in RUBRICS[Section.SOUGHT].model_fields}
# Rows that a refused request may still write: its session, and the count of its tries.
VOLATILE = {"session", "usersession", "entry", "head"}


@dataclass
class Tokens:
    """The words planted in one demand: field → the forms under which a page could show them."""

    random: Random
    planted: dict[str, list[str]] = field(default_factory=dict)

    def word(self, where: str) -> str:
        word = "q" + "".join(self.random.choices("bcdfghjklmnpqrstvwxz", k=8))
        self.planted.setdefault(where, []).append(word)
        return word

    def phone(self, where: str) -> str:
        digits = "06" + "".join(self.random.choices("123456789", k=8))
        pairs = [digits[at : at + 2] for at in range(0, 10, 2)]
        self.planted.setdefault(where, []).extend((" ".join(pairs), digits[1:], "\u00a0".join(pairs)))
        return " ".join(pairs)

    def amount(self, where: str, cents: int = 100) -> Decimal:
        amount = Decimal(f"{self.random.randrange(cents, 9 * cents)}{self.random.randrange(1, 10)}") / cents
        self.planted.setdefault(where, []).extend((str(amount), str(amount).replace(".", ",")))
        return amount

    def day(self, where: str) -> date:
        day = date(1961, 1, 1) + timedelta(days=self.random.randrange(9_000))
        self.planted.setdefault(where, []).extend((f"{day:%d/%m/%Y}", day.isoformat(), date_fr(day)))
        return day

    def hidden(self, shared: bool) -> list[str]:
        """The tokens that another body must not read; `shared`: the demand is registered."""
        return [word for name, words in self.planted.items() if not shared or name not in SHARED for word in words]


def fill(section: Section, tokens: Tokens) -> Rubric:
    """One rubric with a token in every field that can hold one."""
    return _fill(RUBRICS[section], section.value, tokens)


def _fill(model: type[Rubric], path: str, tokens: Tokens) -> Any:
    values = {}
    for name, info in model.model_fields.items():
        where, kind = f"{path}.{name}", info.annotation
        kinds = set(get_args(kind)) or {kind}
        if name == "members":
            inner = get_args(kind)[0]
            values[name] = tuple(_fill(inner, where, tokens) for _ in range(2))
        elif name == "person_id":
            values[name] = None
        elif name == "role":
            values[name] = MemberRole.DEPENDANT
        elif name == "communes":
            values[name] = ("62215",)
        elif name == "organisation":
            values[name] = ""
        elif name == "link":
            values[name] = "E"
        elif name in {"job", "income"}:
            values[name] = _fill(get_args(kind)[0], where, tokens)
        elif name == "districts":
            values[name] = {"62215": tokens.word(where)}
        elif name == "tax_year":
            values[name] = 2024
        elif name == "commune":
            values[name] = "62427"
        elif name in {"monthly", "dependants"}:
            values[name] = {"SAL": tokens.amount(where)}
        elif name in LISTS:
            code = CODES[LISTS[name]][-3 if name == "other_kinds" else -2].code
            values[name] = (code,) if Ellipsis in kinds else code
        elif name in _CHOICES:
            code = list(_CHOICES[name].values)[-2]
            values[name] = (code,) if str in kinds and Ellipsis in kinds else code
        elif name in {"phone", "phone_other"}:
            values[name] = tokens.phone(where)
        elif name == "email":
            values[name] = tokens.word(where) + "@exemple.test"
        elif date in kinds:
            values[name] = tokens.day(where)
        elif name == "surface":
            values[name] = tokens.amount(where, 10)
        elif Decimal in kinds:
            values[name] = tokens.amount(where)
        elif bool in kinds:
            values[name] = name not in {"demolition", "disaster", "protected"}
        elif int in kinds:
            values[name] = 7
        else:
            assert kind is str, f"{where}: {kind}"
            values[name] = tokens.word(where)
    return model.model_validate(values)


@dataclass
class Desk:
    """A place, who works there, and how the rights see them."""

    place: Place | None
    user: User
    actor: Actor

    def client(self) -> Client:
        return sign_in(Client(), self.user)


@dataclass
class World:
    """Organisation A with four demands, and everybody else."""

    territory: Territory
    here: Desk
    others: dict[str, User | None]
    demands: dict[str, Demand] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """A session of this kind of visitor."""
        user = self.others[who]
        client = Client()
        if user is not None and who == "mot de passe seul":
            client.force_login(user)
        elif user is not None:
            sign_in(client, user)
        return client

    def hidden(self, who: str) -> list[str]:
        """Every token that this visitor must never receive."""
        return [
            word
            for name, tokens in self.tokens.items()
            for word in tokens.hidden(shared=who == "autre guichet" and name != "draft")
        ]

    def urls(self, *names: str) -> Iterator[tuple[str, str]]:
        """Every address of the site, for these demands. An argument of a route that nobody knows fails: add it here."""
        known: dict[str, list[Any]] = {
            "pk": [self.demands[name].pk for name in names or self.demands],
            "section": [section.value for section in Section],
            "criterion": ["violences"],
            "act": ["fermer", "rouvrir", "reinitialiser"],
            "slug": [self.here.place.slug if self.here.place else ""],
            "mark": ["exemple"],
            "part": ["grille", "criteres"],
            "number": [1],
            "line": [1],
            "slot": ["identity"],
            "question": ["demandeur", "personne-1", "adresse", "ressources"],
            "rank": [0],
            "file": [1],
            "event": [1],
            "table": ["groupes"],
            "accent": ["0f5c54"],
            "uidb36": ["1"],
            "key": ["set-password"],
            "pair": [1],
            "merge": [1],
        }
        for route in all_routes():
            arguments = sorted(resolve(route.url).captured_kwargs)
            for values in product(*(known[name] for name in arguments)):
                yield route.name, reverse(route.name, kwargs=dict(zip(arguments, values, strict=True)))


def desk_of(place: Place | None, user: User) -> Desk:
    return Desk(place, user, actor_of(current_memberships(user.pk, today())[0]))


def _steer(territory: Territory, role: str) -> User:
    organisation = Organisation.objects.create(territory=territory, slug=role, name=f"Pilotage {role}", kind="epci")
    user = make_user()
    Membership.objects.create(user=user, organisation=organisation, role=role, since=date(2020, 1, 1))
    return user


def build() -> World:
    """Two desks, one informing place, those who steer, and four demands of the first desk full of tokens."""
    territory = make_territory(siren="900000001")
    for insee, name in (("62427", "Hénin-Beaumont"), ("62215", "Carvin"), ("62250", "Courrières")):
        make_commune(territory, insee=insee, name=name)
    cotation.load_grid(territory, read(GRID), today())
    place = make_place(territory, level=2)
    here = desk_of(place, make_agent(place))
    left = make_agent(place)
    Membership.objects.filter(user=left).update(until=today() - timedelta(days=1))
    informing = make_place(territory, level=1)
    others: dict[str, User | None] = {
        "anonyme": None,
        "mot de passe seul": make_agent(make_place(territory, level=2)),
        "parti": left,
        "informateur": make_agent(informing, "informer"),
        "enregistreur de niveau 1": make_agent(informing, "registrar"),
        "informateur du même organisme": make_agent(
            make_place(territory, level=1, organisation=place.organisation), "informer"
        ),
        "autre guichet": make_agent(make_place(territory, level=2)),
        "coordinateur": _steer(territory, "coordinator"),
        "délégué": _steer(territory, "auditor"),
        "administrateur": _steer(territory, "administrator"),
        "autre territoire": make_agent(make_place(make_territory(siren="900000002"), level=2)),
    }
    world = World(territory, here, others)
    for number, name in enumerate(("plain", "protected", "changed", "draft")):
        tokens = world.tokens[name] = Tokens(Random(number))
        world.demands[name] = _demand(here, name, number, tokens)
    return world


def _demand(here: Desk, name: str, number: int, tokens: Tokens) -> Demand:
    on = today()
    identity = fill(Section.IDENTITY, tokens)
    assert isinstance(identity, Identity)
    demand = services.create_draft(here.actor, identity, "", UUID(int=number + 1), on)
    for section in list(Section)[1:]:
        rubric = fill(section, tokens)
        if isinstance(rubric, Address):
            rubric = rubric.model_copy(update={"protected": name == "protected"})
        demand = keep(here, demand, section, rubric)
    if name == "draft":
        return demand
    nud = f"0621126{number:06d}G1226"
    demand = services.register(here.actor, demand.pk, filed_on=date(2024, 3, 12), nud=nud, on=on)
    services.record_proof(here.actor, demand.pk, "violences", seen=True, on=on)
    # A second snapshot, then changes that nobody registered: the history holds tokens too.
    keep(here, demand, Section.ADDRESS, _moved(tokens, name))
    services.update(here.actor, demand.pk, on)
    if name == "changed":
        keep(here, demand, Section.GROUNDS, fill(Section.GROUNDS, tokens))
    demand.refresh_from_db()
    return demand


def _moved(tokens: Tokens, name: str) -> Rubric:
    moved = fill(Section.ADDRESS, tokens)
    return moved.model_copy(update={"protected": name == "protected"})


def keep(desk: Desk, demand: Demand, section: Section, rubric: Rubric) -> Demand:
    """Save a rubric as an agent who saw the latest one."""
    stored = Demand.objects.get(pk=demand.pk).answers.rubric(section)
    return services.save_rubric(desk.actor, demand.pk, section, rubric, services.fingerprint(stored), today())


@contextmanager
def standing() -> Iterator[World]:
    """The world, built once for a module and undone after it. Each test is a savepoint inside."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]
    with outer:
        yield build()
        transaction.set_rollback(True)


def dump(*, everything: bool = False) -> dict[str, list[Any]]:
    """Every row of every table, to see that nothing moved. Sessions are left out, and the journal unless asked."""
    left_out = {"session", "usersession"} if everything else VOLATILE
    return {
        model._meta.label: sorted(map(repr, model._default_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.model_name not in left_out
    }


def received(response: Any) -> str:
    """All that a visitor receives: headers and body, PDF and workbooks opened, in lower case."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"%PDF"):
        words = words_of_pdf(body)
    elif body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            words = "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    else:
        words = body.decode(errors="replace")
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n{words}".lower()


def words_of_pdf(data: bytes) -> str:
    """The text drawn in a PDF, read through the ToUnicode table of each font; hyphens at ends of lines are kept."""
    words: list[str] = []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            tables = {name: _to_unicode(font) for name, font in page.Resources.Font.items()}
            table: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    table = tables[str(operands[0])]
                elif str(operator) in {"Tj", "TJ"}:
                    parts = operands[0] if str(operator) == "TJ" else operands
                    raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
                    words += [table.get(int.from_bytes(raw[at : at + 2], "big"), "") for at in range(0, len(raw), 2)]
                elif str(operator) == "ET":
                    words.append("\n")
    return "".join(words)


def _to_unicode(font: Any) -> dict[int, str]:
    table = {}
    for code, text in re.findall(rb"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>\s*\n", font.ToUnicode.read_bytes() + b"\n"):
        table[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return table


class _Forms(HTMLParser):
    """The forms of a page that are posted: their action and the values they would send."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.found: list[tuple[str, dict[str, list[str]]]] = []
        self.inside = False
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = values.get("method", "").lower() == "post"
            if self.inside:
                self.found.append((values.get("action") or self.url, {}))
        if not self.inside:
            return
        name = values.get("name", "")
        fields = self.found[-1][1]
        if tag == "select":
            self.select = name
            fields.setdefault(name, [])
        elif tag == "option" and "selected" in values:
            fields[self.select].append(values.get("value", ""))
        elif tag in {"input", "textarea"} and name and name != "csrfmiddlewaretoken":
            fields.setdefault(name, [])
            if values.get("type") not in {"radio", "checkbox"} or "checked" in values:
                fields[name].append(values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def forms_of(page: str, url: str) -> list[tuple[str, dict[str, list[str]]]]:
    """What each form of a page would post, field by field."""
    parser = _Forms(url)
    parser.feed(page)
    return parser.found
