"""Protects the seal: the same entry always gives the same hash, and any change gives another."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palier.journal.chain import GENESIS, Row, canonical

ROW = Row(
    number=1,
    at=datetime(2026, 11, 22, 3, 5, tzinfo=UTC),
    actor_id=7,
    actor="Mme Exemple",
    role="registrar",
    organisation_id=3,
    organisation="CCAS d’Exemple",
    action="demand.registered",
    subject_type="demand",
    subject_id="12",
    data="{}",
    previous=GENESIS,
)


def test_the_hash_of_a_known_row_never_changes() -> None:
    assert ROW.hash() == "cdf76ae247739ae6e8b7a05a94833b5c37c7fc0c4c8535411c6a0e0a5277afe8"


def test_the_hash_does_not_depend_on_the_zone_the_instant_is_written_in() -> None:
    assert ROW._replace(at=ROW.at.astimezone(timezone(timedelta(hours=1)))).hash() == ROW.hash()


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2},
        {"at": ROW.at + timedelta(microseconds=1)},
        {"actor_id": None},
        {"actor": "Mme Factice"},
        {"role": "coordinator"},
        {"organisation_id": 4},
        {"organisation": "CCAS de Démonstration"},
        {"action": "demand.read"},
        {"subject_type": "household"},
        {"subject_id": "13"},
        {"data": '{"a":1}'},
        {"previous": "1" * 64},
    ],
)
def test_every_field_is_sealed(change: dict[str, Any]) -> None:
    assert ROW._replace(**change).hash() != ROW.hash()


def test_two_fields_cannot_trade_their_text() -> None:
    one = ROW._replace(actor="a", role="bc")
    assert one.hash() != ROW._replace(actor="ab", role="c").hash()


def test_data_is_written_one_way_whatever_the_order_of_its_keys() -> None:
    data = {"b": Decimal("1.50"), "a": date(2026, 3, 1), "é": "l’été\x00", "n": None}
    text = canonical(data)
    assert text == canonical(dict(reversed(data.items())))
    assert text.isascii()
    assert json.loads(text) == {"a": "2026-03-01", "b": "1.50", "é": "l’été\x00", "n": None}


@pytest.mark.parametrize("data", [{"x": object()}, {"x": float("nan")}, {"x": {1, 2}}])
def test_what_is_not_plain_has_no_place_in_the_journal(data: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical(data)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), plain))
def test_whatever_is_recorded_is_read_back_as_it_was(data: dict[str, Any]) -> None:
    assert json.loads(canonical(data)) == data
    assert "\x00" not in canonical(data)
