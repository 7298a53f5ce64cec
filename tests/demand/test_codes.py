"""The code lists of the form: one table, every version of it readable for ever."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from palier.demand import codes, enums, services
from palier.demand.content import Content, Grounds
from palier.demand.enums import Section
from palier.demand.form.fields import ListField
from palier.demand.form.pages import keyed_page
from palier.demand.models import Snapshot
from palier.demand.pieces.rules import _OF_GROUND
from palier.demand.rules import LISTS, in_words
from tests.demand.conftest import IDENTITY, ON, Desk, draft, registered, save


@pytest.mark.parametrize("name", codes.LISTS)
def test_a_list_names_each_code_once_and_says_where_it_comes_from(name: str) -> None:
    lines = codes.LISTS[name]
    assert len({line.code for line in lines}) == len(lines)
    assert all(line.label and line.code.isascii() for line in lines)
    assert codes.SOURCES[name]


@pytest.mark.parametrize("name", codes.LISTS)
def test_every_version_of_the_form_has_a_code_for_each_of_the_national_system(name: str) -> None:
    known = {line.sne for line in codes.LISTS[name]} - {""}
    for version in codes.VERSIONS:
        assert {codes.to_sne(name, code) for code, _ in codes.choices(name, version.code)} - {""} == known


@pytest.mark.parametrize("name", codes.LISTS)
def test_a_code_of_the_national_system_comes_back_the_same(name: str) -> None:
    for line in codes.LISTS[name]:
        if line.sne:
            assert codes.to_sne(name, codes.from_sne(name, line.sne)) == line.sne


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2009, 1, 1), "14069*01"),
        (date(2018, 9, 9), "14069*02"),
        (date(2018, 9, 10), "14069*03"),
        (date(2021, 2, 1), "14069*04"),
        (date(2026, 11, 22), "14069*05"),
    ],
)
def test_the_version_in_force_is_that_of_the_day(on: date, version: str) -> None:
    assert codes.version_on(on).code == version


def test_versions_follow_one_another() -> None:
    days = [version.since for version in codes.VERSIONS]
    assert days == sorted(set(days))
    assert codes.VERSIONS[-1].code == enums.CERFA_VERSION


def test_ground_3_was_split_and_the_old_one_keeps_its_words() -> None:
    before, after = (dict(codes.choices("ground", version)) for version in ("14069*02", "14069*03"))
    assert "03" in before
    assert {"NDEC", "INSA", "IMPR"} <= after.keys() - before.keys()
    assert "03" not in after
    assert codes.label("ground", "03") == in_words("codes", ("03",)) == before["03"]


def test_a_snapshot_says_the_version_of_the_day_it_was_taken(here: Desk) -> None:
    demand = registered(here)
    save(here, demand, Section.GROUNDS, Grounds(codes=("03",)))
    services.update(here.actor, demand.pk, ON)
    assert set(Snapshot.objects.values_list("cerfa_version", flat=True)) == {codes.version_on(ON).code}


def test_an_old_code_is_still_offered_to_the_demand_that_has_it_and_to_no_other(here: Desk) -> None:
    demand = save(here, draft(here), Section.GROUNDS, Grounds(codes=("03", "09")))
    form = keyed_page(demand.answers, Section.GROUNDS, ON, []).form
    first, second = form.fields["first"], form.fields["second"]
    assert isinstance(first, ListField)
    assert "03" in dict(first.choices)
    assert "03" not in dict(second.choices)
    assert form.initial["first"] == "03"


def test_a_list_is_as_long_as_the_version_says_and_never_cuts_what_is_kept() -> None:
    empty = keyed_page(Content(identite=IDENTITY), Section.GROUNDS, ON, []).form
    assert list(empty.fields) == ["first", "second", "third", "other"]
    four = Content(identite=IDENTITY, motifs=Grounds(codes=("01", "02", "04", "05")))
    assert "fourth" in keyed_page(four, Section.GROUNDS, ON, []).form.fields
    sought = keyed_page(Content(identite=IDENTITY), Section.SOUGHT, ON, []).form
    assert sum(name.startswith("commune_") for name in sought.fields) == codes.version_on(ON).communes


def test_what_is_from_memory_is_marked_so() -> None:
    doubtful = {line.code for lines in codes.LISTS.values() for line in lines if not line.seen}
    assert {"ACT", "IML", "PRIM", "VIOL", "PROS", "TRAI"} <= doubtful
    assert not codes.LIMITS_SEEN
    assert all(not line.sne or line.code == "VCMF" for lines in codes.LISTS.values() for line in lines if not line.seen)


def test_every_listed_field_and_every_ground_with_a_piece_is_in_the_table() -> None:
    assert set(LISTS.values()) <= set(codes.LISTS)
    assert set(_OF_GROUND) <= {line.code for line in codes.LISTS["ground"]}


def test_a_day_before_is_still_the_version_before() -> None:
    for before, after in zip(codes.VERSIONS, codes.VERSIONS[1:], strict=False):
        assert codes.version_on(after.since - timedelta(days=1)) == before
    assert Decimal(codes.VERSIONS[-1].grounds) == 3
