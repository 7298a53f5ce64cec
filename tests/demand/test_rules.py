"""What may be registered, what a number looks like, what changed: pure rules."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.common.errors import Refusal
from palier.demand import rules
from palier.demand.content import Content, Dwelling, Household, Identity, MemberContent, Resources, Sought
from palier.demand.enums import Section
from palier.people.enums import MemberRole

IDENTITY = Identity(birth_name="Exemple", first_names="Aline", birth_date=date(1985, 3, 12))


def test_identity_alone_is_enough_to_register() -> None:
    content = Content(identite=IDENTITY)
    rules.check_registrable(content)
    assert [s.state for s in rules.progress(content)].count("empty") == len(Section) - 1


@pytest.mark.parametrize(
    ("identity", "missing"),
    [
        (Identity(birth_name="Exemple"), "manque la date de naissance"),
        (Identity(first_names="Aline", birth_date=date(1985, 3, 12)), "manque le nom de naissance"),
        (Identity(), "le nom de naissance et la date de naissance"),
    ],
)
def test_what_is_missing_to_register_is_named(identity: Identity, missing: str) -> None:
    with pytest.raises(Refusal, match=missing):
        rules.check_registrable(Content(identite=identity))


@pytest.mark.parametrize(
    ("filed", "words"),
    [(date(1979, 12, 31), "trop ancienne"), (date(1980, 1, 1), ""), (date(2026, 11, 22), "dans le futur")],
)
def test_a_filing_date_is_neither_to_come_nor_older_than_the_parameter(filed: date, words: str) -> None:
    oldest, on = date(1980, 1, 1), date(2026, 11, 21)
    try:
        rules.check_filed_on(filed, oldest, on)
        said = ""
    except Refusal as refusal:
        said = refusal.sentence
    assert (words in said) if words else said == ""


@pytest.mark.parametrize(
    ("typed", "kept", "warned"),
    [
        ("0621126900001G1226", "0621126900001G1226", False),
        ("062 1126.900001-G1226", "0621126900001G1226", False),
        ("0621126900001g1226", "0621126900001G1226", False),
        ("02A1126900001GDPUB", "02A1126900001GDPUB", False),
        ("12345", "12345", True),
        ("", "", False),
        ("0620926900001G1226", "0620926900001G1226", True),
    ],
)
def test_a_number_is_checked_but_never_refused_when_merely_unusual(typed: str, kept: str, warned: bool) -> None:
    nud, warnings = rules.read_nud(typed, date(2026, 11, 3))
    assert nud == kept
    assert bool(warnings) is warned


def test_a_number_too_long_to_be_one_is_refused() -> None:
    with pytest.raises(Refusal, match="trop long"):
        rules.read_nud("9" * 31)


@given(st.text(max_size=rules.NUD_LONGEST))
def test_any_short_text_is_kept_as_a_number_and_at_worst_warned_of(typed: str) -> None:
    nud, warnings = rules.read_nud(typed)
    assert len(nud) <= 2 * rules.NUD_LONGEST
    assert all(warning.endswith(".") for warning in warnings)


@pytest.mark.parametrize(
    ("registered", "due"),
    [
        (date(2026, 10, 21), date(2026, 11, 21)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
    ],
)
def test_the_reception_is_due_one_calendar_month_later(registered: date, due: date) -> None:
    assert rules.reception_due(registered, 1) == due


def test_a_person_with_a_single_name_can_be_registered() -> None:
    content = Content(identite=Identity(birth_name="Factice", birth_date=date(1985, 3, 12)))
    rules.check_registrable(content)
    assert rules.progress(content)[0].state == "done"


def test_progress_tells_empty_partial_and_done_apart() -> None:
    content = Content(identite=IDENTITY, menage=Household(), recherche=Sought(types=("T3",)))
    states = {state.section: state for state in rules.progress(content)}
    assert states[Section.IDENTITY].state == "done"
    assert states[Section.HOUSEHOLD].state == "done"
    assert states[Section.SOUGHT].state == "partial"
    assert states[Section.SOUGHT].missing == ("communes", "wider_area")
    assert states[Section.WORK].state == "empty"


def test_resources_of_zero_are_known_not_missing() -> None:
    assert Resources(rfr_n2=Decimal(0), monthly={"RSA": Decimal(0)}).missing() == []


def test_amounts_are_told_with_both_cents() -> None:
    assert rules.in_words("rent", Decimal("450.5")) == "450,50\u00a0€"
    assert rules.in_words("monthly", {"RSA": Decimal("687")}) == "RSA\u00a0: 687\u00a0€"
    assert rules.in_words("surface", Decimal("45.5")) == "45,5\u00a0m²"


def test_changes_are_told_in_words() -> None:
    before = Content(identite=IDENTITY, logement=Dwelling(kind="LP", rent=Decimal("500"), unfit=False))
    after = before.with_rubric(Section.DWELLING, Dwelling(kind="CP", rent=None, unfit=True, commune="62215"))
    told = {c.label: (c.before, c.after) for c in rules.changes(before, after, {"62215": "Carvin"})}
    assert told["Logement actuel"] == ("Locataire du parc privé", "Hébergé chez un particulier")
    assert told["Loyer"] == ("500\u00a0€", "à compléter")
    assert told["Habitat indigne"] == ("non", "oui")
    assert told["Commune"] == ("à compléter", "Carvin")


def test_the_same_content_has_no_change() -> None:
    content = Content(
        identite=IDENTITY, menage=Household(members=(MemberContent(role=MemberRole.DEPENDANT, birth_name="Essai"),))
    )
    assert rules.changes(content, Content.model_validate(content.to_json())) == []
