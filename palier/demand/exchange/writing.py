"""Writing the checked rows of a file: new demands in bulk, as registering each would; known ones by the usual acts.

What the file does not say is left as it is. A demand without changes is not touched.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction

from palier.common import bulk
from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.text import normalise
from palier.demand import services
from palier.demand.content import RUBRICS, Content, Rubric
from palier.demand.enums import CERFA_VERSION, Section, Source, Status
from palier.demand.exchange.checking import NOTHING
from palier.demand.exchange.fields import FIELDS
from palier.demand.exchange.nuu import movements
from palier.demand.exchange.whole import ALL, content_of
from palier.demand.life import year_start
from palier.demand.listing import traits
from palier.demand.models import Demand, Snapshot, Trait
from palier.demand.rules import reception_due
from palier.duties import api as duties
from palier.law import api as law
from palier.people import api as people

# Of what `traits_of` reads.
TRAITS = {Section.SITUATION, Section.HOUSEHOLD, Section.DWELLING, Section.SOUGHT}
EMPTY: tuple[Any, ...] = (None, "", (), [], {})
ELSEWHERE = "Ce numéro unique est déjà celui d’une demande suivie par un autre organisme du territoire."
STRUCK = "Cette demande est radiée dans Palier\u00a0: reprenez-la d’abord."
PENDING = "Des modifications de cette demande attendent dans Palier\u00a0: enregistrez-les ou abandonnez-les d’abord."
DRAFT = "Cette demande est un brouillon dans Palier\u00a0: enregistrez-la d’abord."


Columns = Mapping[str, Sequence[str]]


def sort_out(territory_id: int, columns: Columns) -> tuple[list[int], dict[int, Demand]]:
    """The places of the rows whose number is new, and the demand of each other place. One query by part."""
    numbers = [said[1:-1] for said in columns["nud"]]
    demands = Demand.objects.filter(territory_id=territory_id, nud__in=bulk.listed(numbers)).select_related("place")
    known = {demand.nud: demand for demand in demands}
    if not known:
        return list(range(len(numbers))), {}
    fresh = [place for place, number in enumerate(numbers) if number not in known]
    return fresh, {place: known[number] for place, number in enumerate(numbers) if number in known}


def refused(columns: Columns, places: Sequence[int]) -> dict[int, str]:
    """Why some of the rows whose number is new cannot be written, by place."""
    if "movement" not in columns:
        return {}
    told = (
        (place, movements.refused_when_new({"movement": json.loads(columns["movement"][place])})) for place in places
    )
    return {place: sentence for place, sentence in told if sentence}


def picked(columns: Columns, places: Sequence[int]) -> Columns:
    """The columns of some rows."""
    if len(places) == len(columns["nud"]):
        return columns
    return {code: [column[place] for place in places] for code, column in columns.items()}


@transaction.atomic
def bring(actor: Actor, demand: Demand, row: Mapping[str, Any], on: date) -> bool:
    """Bring a demand to what a row says of it; False when nothing changes. Raises Refusal."""
    if demand.place.organisation_id != actor.organisation_id:
        raise Refusal(ELSEWHERE)
    return movements.brought(actor, demand, row, on, _bring_content)


def _bring_content(actor: Actor, demand: Demand, row: Mapping[str, Any], on: date) -> bool:
    if demand.status != Status.REGISTERED:
        raise Refusal(STRUCK if demand.status == Status.STRUCK else DRAFT)
    content = demand.answers
    said = {code: value for code, value in row.items() if value not in EMPTY}
    rubrics = content_of(said).model_dump(mode="json", exclude_unset=True)
    changed: dict[Section, tuple[Rubric, str]] = {}
    for section in Section:
        values = rubrics.get(section.value)
        if not values:
            continue
        stored = content.rubric(section)
        before = stored.model_dump(mode="json", exclude_defaults=True) if stored else {}
        if "members" in values:
            values["members"] = _met(before.get("members", []), values["members"])
        rubric = RUBRICS[section].model_validate({**before, **values})
        if rubric != stored:
            changed[section] = (rubric, services.fingerprint(stored))
    if not changed:
        return False
    if demand.changed:
        raise Refusal(PENDING)
    services.save_rubrics(actor, demand.pk, changed, on)
    services.update(actor, demand.pk, on)
    return True


def _met(stored: Sequence[dict[str, Any]], said: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The people stored, brought to what a row says of them, then those it adds: nobody leaves a household by a file.

    Somebody is known by first names and day of birth, else by one of them and the place in the household.
    """
    found = [dict(member) for member in stored]
    free = list(found)
    for new in said:
        for same in (("first", "birth_date"), ("birth_date", "role"), ("first", "role")):
            marks = [_mark(new, name) for name in same]
            known = next((one for one in free if all(marks) and [_mark(one, name) for name in same] == marks), None)
            if known is not None:
                free.remove(known)
                for name, value in new.items():
                    known[name] = {**(known.get(name) or {}), **value} if isinstance(value, dict) else value
                break
        else:
            found.append(new)
    return found


def _mark(member: Mapping[str, Any], name: str) -> str:
    return normalise(member.get("first_names", "")) if name == "first" else member.get(name) or ""


@dataclass(frozen=True)
class Made:
    """New demands ready to be written: all that needs no database is done. `whole` when contents tell members apart."""

    nuds: Sequence[str]
    households: Sequence[people.NewHousehold]
    whole: Sequence[Content]
    contents: Sequence[str]
    filed: Sequence[date]
    starts: Sequence[date]
    traits: Sequence[set[tuple[str, str]]]


def made_ready(actor: Actor, values: Columns, on: date, names: people.Vocabulary) -> Made:
    """New demands from columns of JSON values, their names learnt; before the transaction that writes them."""
    count = len(values["nud"])
    whole: list[Content] = []
    contents: list[str] = []
    if all(code in FIELDS for code in values):
        households = _households(values, count)
        contents = list(contents_of(values))
    else:
        whole = _whole(values)
        households = [_described(content, on) for content in whole]
    names.learn(households)
    filed = [date.fromisoformat(day) for day in _plain(values, "filed_on", count)]
    validity = int(law.parameter("demand_validity", on=on))
    starts = {day: year_start(day, on, validity) for day in set(filed)}
    nuds = _plain(values, "nud", count)
    return Made(nuds, households, whole, contents, filed, [starts[day] for day in filed], _traits(values))


@bulk.checked_at_once()
def create(actor: Actor, made: Made, on: date, at: datetime) -> list[int]:
    """Write new demands with their households; answers their numbers."""
    assert actor.territory_id
    assert actor.place_id
    assert actor.user_id
    count, filed = len(made.filed), made.filed
    households = people.load_households(actor.territory_id, actor.place_id, made.households, on, at)
    contents = made.contents or _with_numbers(made.whole, households)
    demands = bulk.numbers(Demand, count)
    bulk.write(
        Demand,
        {
            "id": demands, "territory_id": actor.territory_id, "household_id": households, "place_id": actor.place_id,
            "status": Status.REGISTERED.value, "nud": made.nuds, "filed_on": filed,
            "registered_on": filed, "year_since": made.starts, "struck_ground": "",
            "content": contents, "changed": False, "form_token": _tokens(count),
            "created_by_id": actor.user_id, "created_at": at, "updated_at": at,
        },
    )  # fmt: skip
    bulk.write(
        Snapshot,
        {
            "demand_id": demands, "number": 1, "taken_on": on, "source": Source.IMPORT.value,
            "cerfa_version": CERFA_VERSION, "content": contents, "taken_by_id": actor.user_id, "taken_at": at,
        },
    )  # fmt: skip
    traits = [(pk, kind, code) for pk, found in zip(demands, made.traits, strict=True) for kind, code in found]
    columns = list(zip(*traits, strict=True)) or [()] * 3
    bulk.write(
        Trait, dict(zip(("demand_id", "kind", "code"), columns, strict=True)) | {"place_id": actor.place_id}
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


def _tokens(count: int) -> list[str]:
    """Marks of forms that nobody sent, at random like those of the pages; drawn at once, as each draw has its price."""
    drawn = os.urandom(16 * count).hex()
    return [drawn[at : at + 32] for at in range(0, len(drawn), 32)]


def _traits(values: Columns) -> list[set[tuple[str, str]]]:
    """What lists filter on, by row, as `traits.keep` writes it."""
    # Contents that say the same of these fields have the same traits: they are worked out once.
    codes = [code for code in values if ALL[code].section in TRAITS]
    if not codes:
        return [set()] * len(values["nud"])
    seen: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    rows = []
    for row in zip(*(values[code] for code in codes), strict=True):
        found = seen.get(row)
        if found is None:
            content = content_of({code: json.loads(cell) for code, cell in zip(codes, row, strict=True)})
            found = seen[row] = traits.traits_of(content)
        rows.append(found)
    return rows


def _plain(values: Columns, code: str, count: int, nothing: Any = "") -> list[Any]:
    """A column as plain values, `nothing` where a cell is empty or when no column holds this field."""
    if code not in values:
        return [nothing] * count
    seen = _Read(nothing)
    return [seen[said] for said in values[code]]


class _Read(dict[str, Any]):
    """JSON → its value: names and days repeat."""

    def __init__(self, nothing: Any) -> None:
        super().__init__({NOTHING: nothing})

    def __missing__(self, said: str) -> Any:
        value = self[said] = said[1:-1] if said[0] == '"' and "\\" not in said else json.loads(said)
        return value


def _whole(values: Columns) -> list[Content]:
    """The contents of rows with any field there is, members included: slower, as each is built."""
    columns = {code: _plain(values, code, len(cells), None) for code, cells in values.items()}
    return [content_of(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _described(content: Content, on: date) -> people.NewHousehold:
    applicant = people.written(services.applicant_of(content), on)
    others = [(one.role, one.person and people.written(one.person, on)) for one in services.members_of(content)]
    return people.NewHousehold(
        ((people.MemberRole.APPLICANT, applicant), *others),
        services.address_of(content),
        protected=bool(content.adresse and content.adresse.protected),
    )


def _with_numbers(whole: Sequence[Content], households: Sequence[int]) -> list[str]:
    """The contents as JSON, in which members know their person, as a page leaves them."""
    told = any(content.menage and content.menage.members for content in whole)
    ids = people.member_ids(households) if told else {}
    contents = []
    for household, content in zip(households, whole, strict=True):
        if content.menage and content.menage.members:
            named = zip(content.menage.members, ids[household], strict=True)
            members = tuple(member.model_copy(update={"person_id": pk}) for member, pk in named)
            menage = content.menage.model_copy(update={"members": members})
            content = content.with_rubric(Section.HOUSEHOLD, menage)
        contents.append(json.dumps(content.to_json(), ensure_ascii=False))
    return contents


def _households(values: Columns, count: int) -> list[people.NewHousehold]:
    """The applicant of each row, alone, and where to write to them."""
    born = [day and date.fromisoformat(day) for day in _plain(values, "birth_date", count, None)]
    named = [_plain(values, code, count) for code in ("birth_name", "first_names", "usage_name", "civility")]
    phones = map(phone, _plain(values, "phone", count))
    identities = map(people.Identity, *named, born, [False] * count, phones, _plain(values, "email", count))
    where = zip(*(_plain(values, code, count) for code in ("line", "postal_code", "town", "complement")), strict=True)
    return [
        people.NewHousehold(
            ((people.MemberRole.APPLICANT, identity),),
            people.AddressData(line=line, postal_code=code, town=town, complement=more)
            if line or code or town or more
            else None,
        )
        for identity, (line, code, town, more) in zip(identities, where, strict=True)
    ]


def contents_of(values: Columns) -> Iterator[str]:
    """The content of each row as JSON, written by rubric, cell by cell.

    It holds what the file has columns for: `Content` reads the rest as not known. A rubric of which the row says
    nothing is left null, as one that nobody has filled.
    """
    sections = [section for section in Section if any(FIELDS[code].section == section for code in values)]
    text = "{" + ", ".join(f'"{section.value}": %s' for section in sections) + "}"
    for row in zip(*(_rubrics(section, values) for section in sections), strict=True):
        yield text % row


def _rubrics(section: Section, values: Columns) -> list[str]:
    empty = RUBRICS[section]().model_dump(mode="json")
    codes = [code for code in values if FIELDS[code].section == section]
    text = "{" + ", ".join(f'"{FIELDS[code].name}": %s' for code in codes) + "}"
    # What an empty cell says of a field whose value is never null.
    nothing = tuple(json.dumps(empty[FIELDS[code].name]) for code in codes)
    columns = [
        values[code] if said == NOTHING else [said if cell == NOTHING else cell for cell in values[code]]
        for code, said in zip(codes, nothing, strict=True)
    ]
    return [NOTHING if row == nothing else text % row for row in zip(*columns, strict=True)]


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
