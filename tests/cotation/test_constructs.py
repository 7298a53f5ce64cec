"""Each construction of the grid language that a real grid needed (cotation.md §4.1), in the order of its table."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from palier.cotation.api import State, Status, evaluate
from palier.cotation.compile import last_day
from palier.law.api import add_months

from .samples import ON, compiled, grid_value, read, score

DALO = {"quand": {"champ": "labels.dalo", "est": True}, "points": 50}
TRUE, FALSE = {"labels": {"dalo": True}}, {"labels": {"dalo": False}}
MONTHLY = {"par": "mois", "sur": "demande.date_depot", "valeur": 1}


def filed(day: str) -> dict[str, Any]:
    return {"demande": {"date_depot": day}}


def test_01_fixed_points_on_a_condition() -> None:
    assert score([DALO], TRUE).declared == 50
    assert score([DALO], FALSE).declared == 0


@pytest.mark.parametrize(
    ("points", "facts", "expected"),
    [
        (MONTHLY, filed("2026-10-21"), 1),
        (MONTHLY, filed("2026-10-22"), 0),
        (MONTHLY, filed("2027-01-01"), 0),
        ({**MONTHLY, "plafond": 3}, filed("2020-01-01"), 3),
        ({**MONTHLY, "franchise": 12}, filed("2025-01-21"), 10),
        ({**MONTHLY, "par": "annee"}, filed("2023-11-22"), 2),
        ({**MONTHLY, "par": "annee", "valeur": 2, "plafond": 6}, filed("2016-11-21"), 6),
        ({"par": "membre", "valeur": 2}, {"membres": [{}, {}, {}]}, 6),
        (
            {"par": "membre", "si": {"champ": "mineur", "est": True}, "valeur": 2},
            {"membres": [{"mineur": True}] * 3},
            6,
        ),
        ({**MONTHLY, "valeur": -1, "plafond": 5}, filed("2020-01-01"), -5),
    ],
)
def test_02_points_by_month_year_or_member_with_allowance_and_cap(
    points: dict[str, Any], facts: dict[str, Any], expected: int
) -> None:
    assert score([{"points": points}], facts).declared == expected


def test_02_the_last_day_of_february_completes_a_month_begun_on_the_31st() -> None:
    grid = compiled([{"points": MONTHLY}])
    facts = {"demande": {"date_depot": "2024-01-31", "locataire_social": False}}
    assert evaluate(grid, facts, date(2024, 2, 28)).declared == 0
    assert evaluate(grid, facts, date(2024, 2, 29)).declared == 1


@pytest.mark.parametrize(
    ("test", "day", "expected"),
    [
        ({"sup": "P36M"}, "2023-11-21", 0),
        ({"sup": "P36M"}, "2023-11-20", 1),
        ({"sup_egal": "P3Y"}, "2023-11-21", 1),
        ({"inf": "P12M"}, "2025-11-21", 0),
        ({"inf": "P12M"}, "2025-11-22", 1),
        ({"inf_egal": "P12M"}, "2025-11-21", 1),
        ({"inf": "P12M"}, "2026-11-22", 0),
    ],
)
def test_03_duration_since_a_date_strict_or_large(test: dict[str, str], day: str, expected: int) -> None:
    criterion = {"quand": {"depuis": "demande.date_depot", **test}, "points": 1}
    assert score([criterion], filed(day)).declared == expected


@pytest.mark.parametrize(
    ("rate", "expected"), [("0", 1), ("0.30", 1), ("0.3001", 9), ("0.4499", 9), ("0.45", 13), ("0.9", 13)]
)
def test_04_brackets_with_exact_decimal_bounds(rate: str, expected: int) -> None:
    brackets = [
        {"inf_egal": 0.30, "points": 1},
        {"sup": 0.30, "inf": 0.45, "points": 9},
        {"sup_egal": 0.45, "points": 13},
    ]
    criterion = {"points": {"tranches": "calc.taux_effort", "seuils": brackets}}
    assert score([criterion], {"calc": {"taux_effort": Decimal(rate)}}).declared == expected


VIOLENCE = {"quand": {"champ": "situation.violences", "est": True}, "points": 40}
BOTH = {"labels": {"dalo": True}, "situation": {"violences": True}}


@pytest.mark.parametrize(("rule", "expected"), [("somme", 90), ("max", 50)])
def test_05_a_family_sums_or_keeps_the_highest(rule: str, expected: int) -> None:
    assert score([DALO, VIOLENCE], BOTH, familles=[{"id": "f", "regle": rule}]).declared == expected


def test_05_an_exclusive_family_broken_is_a_visible_data_error_and_not_a_maximum() -> None:
    result = score([DALO, VIOLENCE], BOTH, familles=[{"id": "f", "regle": "exclusif"}])
    assert (result.status, result.reason, result.declared) == (Status.DATA_ERROR, "f", None)
    assert "Critère 0" in result.sentence
    assert "Critère 1" in result.sentence
    assert len(result.lines) == 2
    alone = {**TRUE, "situation": {"violences": False}}
    assert score([DALO, VIOLENCE], alone, familles=[{"id": "f", "regle": "exclusif"}]).declared == 50


@pytest.mark.parametrize(("stage", "expected"), [("jugement", 20), ("commandement_quitter", 1), (None, 1)])
def test_06_a_table_gives_points_by_value(stage: str | None, expected: int) -> None:
    table = {"table": "logement_actuel.etape_expulsion", "valeurs": {"jugement": 20}, "defaut": 1}
    assert score([{"points": table}], {"logement_actuel": {"etape_expulsion": stage}}).declared == expected


def test_07_cap_and_floor_of_a_family_and_of_the_grid() -> None:
    capped = [{"id": "f", "regle": "somme", "plafond": 60}]
    result = score([DALO, VIOLENCE], BOTH, familles=capped)
    assert result.declared == 60
    assert [(line.points, line.counted, line.state) for line in result.lines] == [
        (50, 50, State.REACHED),
        (40, 10, State.CAPPED),
    ]
    malus = [{**DALO, "points": -50}]
    assert score(malus, TRUE, familles=[{"id": "f", "regle": "somme", "plancher": -40}]).declared == -40
    assert score([DALO], TRUE, bornes={"plancher": 0, "plafond": 30}).declared == 30
    assert score(malus, TRUE, bornes={"plancher": 0, "plafond": 30}).declared == 0


def test_08_a_criterion_replaces_another_and_the_malus_is_not_added_twice() -> None:
    criteria = [{**DALO, "points": -10}, {**VIOLENCE, "points": -20, "remplace": ["c0"]}]
    result = score(criteria, BOTH)
    assert result.declared == -20
    assert result.lines[0].state is State.REPLACED
    assert result.expected()["criteres"] == {"c1": -20}
    assert score(criteria, {**TRUE, "situation": {"violences": False}}).declared == -10


def test_09_a_member_of_the_household() -> None:
    criterion = {"quand": {"membre": {"champ": "handicap", "est": True}}, "points": 15}
    assert score([criterion], {"membres": [{"handicap": False}, {"handicap": True}]}).declared == 15
    assert score([criterion], {"membres": [{"handicap": False}]}).declared == 0
    assert score([criterion], {"membres": []}).declared == 0


@pytest.mark.parametrize(
    ("end", "expected"), [("2027-05-21", 10), ("2027-05-22", 0), ("2026-11-21", 10), ("2026-11-20", 0)]
)
def test_10_a_deadline_within_a_duration(end: str, expected: int) -> None:
    criterion = {"quand": {"avant": "logement_actuel.fin_bail", "inf_egal": "P6M"}, "points": 10}
    assert score([criterion], {"logement_actuel": {"fin_bail": end}}).declared == expected


def test_11_a_variant_by_public() -> None:
    criterion = {**DALO, "publics": ["mutation"]}
    tenant = {**TRUE, "demande": {"locataire_social": True}}
    assert score([criterion], tenant).declared == 50
    first = score([criterion], TRUE)
    assert (first.variant, first.declared, first.lines[0].fact) == ("primo", 0, "Ne concerne que les mutations.")
    assert score([DALO], tenant, publics=["primo"]).status is Status.OUTSIDE


def test_12_outside_the_cotation_is_a_status_and_not_zero_points() -> None:
    rule = [{"id": "anru", "quand": {"champ": "situation.anru", "est": True}, "motif": "Relogement de droit"}]
    result = score([DALO], {**TRUE, "situation": {"anru": True}}, hors_cotation=rule)
    assert result.expected() == {"statut": "hors_cotation", "motif": "anru", "total": None}
    assert result.sentence == "Relogement de droit"


def test_13_an_absolute_rank_comes_before_any_points() -> None:
    ranks = [
        {"id": "peril", "rang": 2, "quand": {"champ": "logement_actuel.indigne", "est": True}},
        {"id": "sinistre", "rang": 1, "quand": {"champ": "demande.sinistre", "est": True}},
    ]
    facts = {**FALSE, "demande": {"sinistre": True}, "logement_actuel": {"indigne": True}}
    ranked, rich = score([DALO], facts, rang_absolu=ranks), score([DALO], TRUE, rang_absolu=ranks)
    assert (ranked.rank, rich.rank) == (1, None)
    assert ranked.tie_break < rich.tie_break


@pytest.mark.parametrize(
    ("place", "among", "facts", "expected"),
    [
        ("residence", "territoire", {"residence": "62427"}, 3),
        ("residence", "territoire", {"residence": "59350"}, 0),
        ("travail", ["59350"], {"travail": "59350"}, 3),
        ("travail", "62427", {"travail": None}, 0),
        ("souhait", "territoire", {"souhait": ["59350", "62215"]}, 3),
        ("souhait", "territoire", {"souhait": ["59350"]}, 0),
    ],
)
def test_14_15_residence_work_or_wish_in_communes(
    place: str, among: object, facts: dict[str, Any], expected: int
) -> None:
    assert score([{"quand": {"lieu": place, "dans": among}, "points": 3}], {"lieux": facts}).declared == expected


@pytest.mark.parametrize(
    ("level", "given", "verified"),
    [
        ("automatique", None, 50),
        ("declaratif", None, 0),
        ("declaratif", "2026-01-01", 50),
        ("piece", None, 0),
        ("piece", "2025-11-21", 50),
        ("piece", "2025-11-20", 0),
        ("validation", "2026-11-22", 0),
    ],
)
def test_16_a_criterion_counts_as_verified_only_with_its_proof_still_valid(
    level: str, given: str | None, verified: int
) -> None:
    facts = {**TRUE, "preuves": {"c0": {"le": given}} if given else {}}
    result = score([{**DALO, "preuve": level, "validite": "P12M"}], facts)
    assert (result.declared, result.verified) == (50, verified)


REFUSALS = {
    "compte": {"evenement": "refus", "si": ["logement_adapte", "non_legitime"], "sur": "P12M"},
    "paliers": [
        {"a_partir_de": 1, "effet": {"deduire": 10}},
        {"a_partir_de": 2, "effet": {"deduire": 20, "suspendre_famille": "f"}},
    ],
}


def refused(*days: str, fitted: bool | None = True, legitimate: bool | None = False) -> dict[str, Any]:
    return {**TRUE, "refus": [{"date": day, "logement_adapte": fitted, "legitime": legitimate} for day in days]}


@pytest.mark.parametrize(
    ("facts", "counted", "deducted", "total"),
    [
        (refused("2026-06-01"), 1, -10, 40),
        (refused("2025-11-22"), 1, -10, 40),
        (refused("2025-11-21"), 0, 0, 50),
        (refused("2026-11-22"), 0, 0, 50),
        (refused("2026-06-01", fitted=False), 0, 0, 50),
        (refused("2026-06-01", legitimate=True), 0, 0, 50),
        (refused("2026-06-01", "2026-07-01"), 2, -20, -20),
        (refused("2026-06-01", "2026-07-01", "2026-08-01"), 3, -20, -20),
    ],
)
def test_17_refusals_take_points_off_or_suspend_a_family(
    facts: dict[str, Any], counted: int, deducted: int, total: int
) -> None:
    result = score([DALO], facts, refus=REFUSALS)
    assert (result.refusals.counted, result.refusals.deduction, result.declared) == (counted, deducted, total)


def test_17_a_refusal_that_cannot_be_judged_is_to_confirm_and_costs_nothing() -> None:
    result = score([DALO], refused("2026-06-01", legitimate=None), refus=REFUSALS)
    assert (result.declared, result.to_confirm) == (50, ("refus",))
    other = score([DALO], refused("2026-06-01", fitted=False, legitimate=None), refus=REFUSALS)
    assert other.to_confirm == ()


def test_17_points_by_refusal() -> None:
    criterion = {"points": {"par": "refus", "si": ["non_legitime"], "sur": "P12M", "valeur": -5, "plafond": 10}}
    assert score([criterion], refused("2026-06-01", "2026-07-01")).declared == -10
    assert score([criterion], refused("2026-06-01", "2026-07-01", "2026-08-01")).declared == -10
    assert score([criterion], TRUE).declared == 0


def test_18_equal_points_are_decided_by_date_then_number() -> None:
    def key(**demand: str) -> tuple[Any, ...]:
        return score([DALO], {**TRUE, "demande": demand}).tie_break

    early = key(date_depot="2020-01-01", numero_unique="062AAAA")
    late = key(date_depot="2021-01-01", numero_unique="062AAAA")
    assert early < late < score([DALO], FALSE).tie_break
    assert early < key(date_depot="2020-01-01", numero_unique="062BBBB") < key(date_depot="2020-01-01")


YES, NO = {"champ": "labels.dalo", "est": True}, {"champ": "labels.dalo", "est": False}
OTHER = {"champ": "situation.violences", "est": True}


@pytest.mark.parametrize(
    ("when", "facts", "state"),
    [
        ({"tous": [YES, OTHER]}, {"labels": {"dalo": False}}, State.NOT_REACHED),
        ({"tous": [YES, OTHER]}, {"labels": {"dalo": True}}, State.UNKNOWN),
        ({"un_de": [YES, OTHER]}, {"labels": {"dalo": True}}, State.REACHED),
        ({"un_de": [YES, OTHER]}, {"labels": {"dalo": False}}, State.UNKNOWN),
        ({"non": YES}, {}, State.UNKNOWN),
        ({"non": YES}, FALSE, State.REACHED),
        ({"non": YES}, TRUE, State.NOT_REACHED),
        (YES, {"labels": {"dalo": None}}, State.UNKNOWN),
        (YES, {"labels": {"dalo": "inconnu"}}, State.UNKNOWN),
        (NO, {}, State.UNKNOWN),
        ({"membre": {"champ": "handicap", "est": True}}, {}, State.UNKNOWN),
        ({"membre": {"champ": "handicap", "est": True}}, {"membres": [{"handicap": False}, {}]}, State.UNKNOWN),
        ({"membre": {"champ": "handicap", "est": True}}, {"membres": [{"handicap": True}, {}]}, State.REACHED),
        ({"lieu": "residence", "dans": "territoire"}, {}, State.UNKNOWN),
        ({"depuis": "emploi.reprise", "inf": "P12M"}, {}, State.UNKNOWN),
        ({"depuis": "emploi.reprise", "inf": "P12M"}, {"emploi": {"reprise": None}}, State.NOT_REACHED),
        ({"avant": "logement_actuel.fin_bail", "inf": "P6M"}, {}, State.NOT_REACHED),
        ({"champ": "calc.age", "sup_egal": 18, "inf_egal": 30}, {}, State.UNKNOWN),
        ({"champ": "logement_actuel.statut", "dans": ["hotel", "chu"]}, {}, State.UNKNOWN),
    ],
)
def test_19_an_unknown_fact_is_said_and_never_taken_for_false(
    when: dict[str, Any], facts: dict[str, Any], state: State
) -> None:
    result = score([{"quand": when, "points": 7}], facts)
    assert result.lines[0].state is state
    assert result.declared == (7 if state is State.REACHED else 0)
    assert result.to_confirm == (("c0",) if state is State.UNKNOWN else ())
    assert result.lines[0].fact


def test_19_the_same_holds_for_points_rules_the_public_and_absolute_ranks() -> None:
    rank = [{"id": "sinistre", "rang": 1, "quand": {"champ": "demande.sinistre", "est": True}}]
    criteria = [
        {"points": {"table": "logement_actuel.etape_expulsion", "valeurs": {"jugement": 20}, "defaut": 0}},
        {
            "points": {
                "tranches": "calc.taux_effort",
                "seuils": [{"inf": 0.3, "points": 0}, {"sup_egal": 0.3, "points": 5}],
            }
        },
        {"points": MONTHLY},
        {"points": {"par": "membre", "si": {"champ": "mineur", "est": True}, "valeur": 2}},
    ]
    result = evaluate(compiled(criteria, rang_absolu=rank), {"membres": [{"mineur": True}, {}]}, ON)
    assert set(result.to_confirm) == {"public", "c0", "c1", "c2", "c3", "sinistre"}
    assert result.declared == 2


def test_20_a_version_carries_its_act_its_dates_and_a_fingerprint_of_its_content() -> None:
    value = grid_value([DALO])
    first, again = read(value), read({**value})
    assert first.fingerprint == again.fingerprint
    assert read({**value, "version": 2}).fingerprint != first.fingerprint
    assert first.effective_from == date(2026, 1, 10)
    assert score([DALO], TRUE).fingerprint == first.fingerprint


def test_21_derived_values_are_facts_like_others() -> None:
    criteria = [
        {"quand": {"champ": "calc.suroccupe", "est": True}, "points": 15},
        {"quand": {"champ": "calc.reste_a_vivre", "inf": 10}, "points": 7},
        {"quand": {"champ": "calc.age", "sup_egal": 18, "inf_egal": 30}, "points": 5},
    ]
    assert score(criteria, {"calc": {"suroccupe": True, "reste_a_vivre": Decimal("-1.5"), "age": 30}}).declared == 27


def test_22_the_dwelling_offered_is_no_part_of_the_score() -> None:
    from palier.cotation.catalogue import FIELDS

    assert not [path for path in FIELDS if path.startswith(("offre.", "logement_propose."))]


@pytest.mark.parametrize(
    ("rounding", "expected"), [("inferieur", 12), ("superieur", 13), ("proche", 13), ("aucun", Decimal("12.5"))]
)
def test_decimal_points_are_exact_and_rounded_as_the_grid_says(rounding: str, expected: object) -> None:
    points = {"par": "mois", "sur": "demande.date_depot", "valeur": 2.5}
    assert score([{"points": points}], filed("2026-06-21"), arrondi=rounding).declared == expected


@given(on=st.dates(date(1990, 1, 1), date(2060, 12, 31)), months=st.integers(0, 400), strict=st.booleans())
@example(on=date(2026, 2, 28), months=1, strict=False)
@example(on=date(2026, 3, 1), months=1, strict=True)
@example(on=date(2026, 4, 30), months=2, strict=False)
def test_the_last_day_is_the_last_from_which_the_months_have_run(on: date, months: int, strict: bool) -> None:
    day = last_day(on, months, strict=strict)
    ends = [add_months(day + timedelta(days=ahead), months) for ahead in range(5)]
    assert [end < on or (end == on and not strict) for end in ends] == [True, False, False, False, False]
