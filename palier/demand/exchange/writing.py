"""Writing the checked rows of a file: new demands in bulk, as registering each would; known ones by the usual acts.

What the file does not say is left as it is. A demand without changes is not touched.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import uuid4

from django.db import transaction

from palier.common import bulk
from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.demand import services
from palier.demand.content import RUBRICS
from palier.demand.enums import CERFA_VERSION, Section, Source, Status
from palier.demand.exchange.checking import Checked
from palier.demand.exchange.fields import FIELDS
from palier.demand.life import year_start
from palier.demand.models import Demand, Snapshot
from palier.demand.rules import reception_due
from palier.duties import api as duties
from palier.law import api as law
from palier.people import api as people

ELSEWHERE = "Ce numéro unique est déjà celui d’une demande suivie par un autre organisme du territoire."
STRUCK = "Cette demande est radiée dans Palier\u00a0: reprenez-la d’abord."
PENDING = "Des modifications de cette demande attendent dans Palier\u00a0: enregistrez-les ou abandonnez-les d’abord."
DRAFT = "Cette demande est un brouillon dans Palier\u00a0: enregistrez-la d’abord."


def sort_out(territory_id: int, checked: Checked) -> tuple[list[int], dict[int, Demand]]:
    """The places of the rows whose number is new, and the demand of each other place. One query by part."""
    numbers = checked.values["nud"]
    demands = Demand.objects.filter(territory_id=territory_id, nud__in=numbers).select_related("place")
    known = {demand.nud: demand for demand in demands}
    fresh = [place for place, number in enumerate(numbers) if number not in known]
    return fresh, {place: known[number] for place, number in enumerate(numbers) if number in known}


def picked(checked: Checked, places: Sequence[int]) -> dict[str, Sequence[Any]]:
    """The columns of some rows."""
    if len(places) == len(checked.lines):
        return dict(checked.values)
    return {code: [column[place] for place in places] for code, column in checked.values.items()}


@transaction.atomic
def bring(actor: Actor, demand: Demand, row: Mapping[str, Any], on: date) -> bool:
    """Bring a demand to what a row says of it; False when nothing changes. Raises Refusal."""
    if demand.place.organisation_id != actor.organisation_id:
        raise Refusal(ELSEWHERE)
    if demand.status != Status.REGISTERED:
        raise Refusal(STRUCK if demand.status == Status.STRUCK else DRAFT)
    said: dict[str, dict[str, Any]] = {}
    for code, value in row.items():
        item = FIELDS[code]
        if item.section and value not in (None, "", ()):
            said.setdefault(item.section, {})[item.name] = value
    content = demand.answers
    changed = []
    for name, values in said.items():
        section = Section(name)
        stored = content.rubric(section)
        before = stored.model_dump(mode="json") if stored else {}
        rubric = RUBRICS[section].model_validate({**before, **values})
        if rubric != stored:
            changed.append((section, rubric, services.fingerprint(stored)))
    if not changed:
        return False
    if demand.changed:
        raise Refusal(PENDING)
    for section, rubric, base in changed:
        services.save_rubric(actor, demand.pk, section, rubric, base, on)
    services.update(actor, demand.pk, on)
    return True


def create(actor: Actor, values: Mapping[str, Sequence[Any]], on: date, at: datetime) -> list[int]:
    """Write new demands with their households; answers their numbers."""
    assert actor.territory_id
    assert actor.place_id
    assert actor.user_id
    count = len(values["nud"])
    nothing: Sequence[Any] = [None] * count

    def texts(code: str) -> Sequence[str]:
        return [value or "" for value in values.get(code, nothing)]

    identities = map(
        people.Identity, texts("birth_name"), texts("first_names"), texts("usage_name"), texts("civility"),
        values["birth_date"], [False] * count, map(phone, texts("phone")), texts("email"),
    )  # fmt: skip
    has_address = any(FIELDS[code].section == Section.ADDRESS for code in values)
    if has_address:
        addresses = [
            people.AddressData(line=line, postal_code=code, town=town, complement=complement)
            if line or code or town or complement else None
            for line, code, town, complement in zip(
                texts("line"), texts("postal_code"), texts("town"), texts("complement"), strict=True)
        ]  # fmt: skip
    else:
        addresses = [None] * count
    applicants = list(zip(identities, addresses, strict=True))
    households = people.load_households(actor.territory_id, actor.place_id, applicants, on, at)
    demands = bulk.numbers(Demand, count)
    contents = list(contents_of(values, count))
    filed = values["filed_on"]
    validity = int(law.parameter("demand_validity", on=on))
    starts = {day: year_start(day, on, validity) for day in set(filed)}
    bulk.write(
        Demand,
        ("id", "territory_id", "household_id", "place_id", "status", "nud", "filed_on", "registered_on", "year_since",
         "struck_ground", "content", "changed", "form_token", "created_by_id", "created_at", "updated_at"),
        ((pk, actor.territory_id, household, actor.place_id, Status.REGISTERED.value, nud, day, day, starts[day], "",
          content, False, uuid4(), actor.user_id, at, at)
         for pk, household, nud, day, content in zip(
             demands, households, values["nud"], filed, contents, strict=True)),
    )  # fmt: skip
    bulk.write(
        Snapshot,
        ("demand_id", "number", "taken_on", "source", "cerfa_version", "content", "taken_by_id", "taken_at"),
        ((pk, 1, on, Source.IMPORT.value, CERFA_VERSION, content, actor.user_id, at)
         for pk, content in zip(demands, contents, strict=True)),
    )  # fmt: skip
    months = int(law.parameter("reception_delay", on=on, territory_id=actor.territory_id))
    # Older ones: the month of L441-2-8 was over before they came here, and nothing says what was done.
    recent: dict[date, list[int]] = {}
    for pk, day in zip(demands, filed, strict=True):
        if day > on - timedelta(days=31 * months) and reception_due(day, months) >= on:
            recent.setdefault(day, []).append(pk)
    for day, pks in recent.items():
        duties.owe_all(
            services.RECEPTION,
            subject_type="demand",
            subjects=Demand.objects.filter(pk__in=pks).values_list("pk", "household", "place"),
            since=day,
            due=reception_due(day, months),
        )
    return demands


@cache
def _empty(section: Section) -> dict[str, Any]:
    """A rubric of which nothing is known, as JSON."""
    return RUBRICS[section]().model_dump(mode="json")


def contents_of(values: Mapping[str, Sequence[Any]], count: int) -> Iterator[str]:
    """The content of each row, as the JSON that `Content.to_json` gives: written by rubric, cell by cell.

    A rubric of which the row says nothing is null, as one that nobody has filled.
    """
    whole: list[Sequence[str]] = []
    template = []
    for section in Section:
        codes = [code for code in values if FIELDS[code].section == section]
        if not codes:
            template.append(f'"{section.value}": null')
            continue
        template.append(f'"{section.value}": %s')
        whole.append(_rubrics(section, codes, values))
    text = "{" + ", ".join(template) + "}"
    for row in zip(*whole, strict=True) if whole else ():
        yield text % row


def _rubrics(section: Section, codes: Sequence[str], values: Mapping[str, Sequence[Any]]) -> Sequence[str]:
    empty = _empty(section)
    named = {FIELDS[code].name: code for code in codes}
    cells = []
    for name in empty:
        if name in named:
            cells.append(f"{json.dumps(name)}: %s")
        else:
            cells.append(f"{json.dumps(name)}: {json.dumps(empty[name])}".replace("%", "%%"))
    text = "{" + ", ".join(cells) + "}"
    held = [named[name] for name in empty if name in named]
    nothing = tuple(json.dumps(empty[FIELDS[code].name]) for code in held)
    columns = []
    for code, said_nothing in zip(held, nothing, strict=True):
        seen = _Json(said_nothing)
        columns.append(list(map(seen.__getitem__, values[code])))
    return ["null" if row == nothing else text % row for row in zip(*columns, strict=True)]


class _Json(dict[Any, str]):
    """Value of a column → its JSON. Values of one column are of one type."""

    def __init__(self, nothing: str) -> None:
        super().__init__({None: nothing})

    def __missing__(self, value: Any) -> str:
        said = self[value] = json.dumps(value.isoformat() if isinstance(value, date) else value)
        return said


def phone(raw: str) -> str:
    """A telephone number in E.164 form; French ones at once, as reading any number takes a hundred times longer."""
    plain = raw.replace(" ", "").replace(".", "").replace("-", "")
    if len(plain) == 10 and plain[0] == "0" and plain[1] in "12345679" and plain.isascii() and plain.isdigit():
        return "+33" + plain[1:]
    return str(people.e164(raw))[:40] if raw else ""


def bounds(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers in order as pairs of bounds: [3, 4, 5, 9] gives [[3, 5], [9, 9]]."""
    if not numbers:
        return []
    cuts = [at + 1 for at, (one, other) in enumerate(pairwise(numbers)) if other != one + 1]
    return [[numbers[start], numbers[end - 1]] for start, end in zip([0, *cuts], [*cuts, len(numbers)], strict=True)]
