"""« Ce qui changerait la note »: proofs, facts to confirm and days to come, never an advice to be worse off."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings

from palier.cotation.api import Outlook, compile_grid, evaluate, is_confidential, outlook, read_facts
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field

from .samples import ON, compiled, demo, grid_value, read
from .test_properties import demands, grids

DALO = {"id": "dalo", "quand": {"champ": "labels.dalo", "est": True}, "points": 50, "libelle": "Reconnu DALO"}
MONTHLY = {"preuve": "automatique", "points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1, "plafond": 48}}
FILED = {"demande": {"date_depot": "2024-03-12", "locataire_social": False}}
KNOWN: dict[str, Any] = {"demande": {"locataire_social": False}}
REFUSALS = {
    "refus": {
        "compte": {"evenement": "refus", "si": ["logement_adapte", "non_legitime"], "sur": "P12M"},
        "paliers": [
            {"a_partir_de": 1, "effet": {"deduire": 10}},
            {"a_partir_de": 2, "effet": {"deduire": 20, "suspendre_famille": "f"}},
        ],
    }
}


def foreseen(
    criteria: list[dict[str, Any]], facts: dict[str, Any], proofs: dict[str, date] | None = None, **parts: Any
) -> list[Outlook]:
    whole = {**facts, "demande": {"locataire_social": False, **facts.get("demande", {})}}
    return outlook(compiled(criteria, **parts), whole, ON, proofs)


def said(
    criteria: list[dict[str, Any]], facts: dict[str, Any], proofs: dict[str, date] | None = None, **parts: Any
) -> list[str]:
    return [item.sentence for item in foreseen(criteria, facts, proofs, **parts)]


# Proofs

TRUE = {"labels": {"dalo": True}}


def test_a_piece_to_hand_over_says_what_the_verified_figure_becomes() -> None:
    [item] = foreseen([{**DALO, "preuve": "piece"}], TRUE)
    assert item == Outlook(
        None,
        "Remettre une pièce qui prouve «\u00a0Reconnu DALO\u00a0»\u00a0: la note vérifiée passe de 0 à 50\u00a0points.",
        50, 50, 0, 50,
    )  # fmt: skip


def test_a_judgment_to_hand_over_is_named() -> None:
    table = {"table": "logement_actuel.etape_expulsion", "valeurs": {"jugement": 20, "concours": 25}}
    facts = {"logement_actuel": {"etape_expulsion": "jugement"}}
    assert said([{"preuve": "piece", "points": table}], facts) == [
        "Remettre le jugement\u00a0: la note vérifiée passe de 0 à 20\u00a0points."
    ]


def test_a_validation_is_asked_of_who_validates() -> None:
    assert said([{**DALO, "preuve": "validation"}], TRUE)[0].startswith("Faire valider «\u00a0Reconnu DALO\u00a0»")


def test_an_expired_proof_is_to_be_renewed() -> None:
    criterion = {**DALO, "preuve": "piece", "validite": "P6M"}
    assert said([criterion], TRUE, {"dalo": date(2026, 1, 31)}) == [
        "Renouveler la preuve de «\u00a0Reconnu DALO\u00a0», expirée depuis le 31 juillet 2026\u00a0: "
        "la note vérifiée passe de 0 à 50\u00a0points."
    ]


@pytest.mark.parametrize(
    ("criterion", "facts", "proofs"),
    [
        ({**DALO, "preuve": "piece"}, TRUE, {"dalo": ON}),
        ({**DALO, "preuve": "piece"}, {"labels": {"dalo": False}}, {}),
        ({**DALO, "preuve": "piece", "points": -10}, TRUE, {}),
        ({**DALO, "preuve": "declaratif"}, TRUE, {}),
        ({**DALO, "preuve": "automatique"}, TRUE, {}),
    ],
    ids=["proven", "not reached", "takes points", "declared", "computed"],
)
def test_no_proof_is_asked_that_would_bring_nothing(
    criterion: dict[str, Any], facts: dict[str, Any], proofs: dict[str, date]
) -> None:
    assert foreseen([criterion], facts, proofs) == []


def test_a_proof_that_its_family_makes_useless_is_not_asked() -> None:
    small = {"id": "petit", "quand": {"champ": "labels.pdalhpd", "est": True}, "points": 5, "preuve": "piece"}
    family = {"familles": [{"id": "f", "regle": "max"}]}
    facts = {"labels": {"dalo": True, "pdalhpd": True}}
    assert foreseen([{**DALO, "preuve": "piece"}, small], facts, {"dalo": ON}, **family) == []


def test_the_greatest_gain_comes_first() -> None:
    small = {"quand": {"champ": "labels.pdalhpd", "est": True}, "points": 5, "preuve": "piece"}
    items = foreseen([small, {**DALO, "preuve": "piece"}], {"labels": {"dalo": True, "pdalhpd": True}})
    assert [item.verified_after for item in items] == [50, 5]


# Facts to confirm


def test_facts_nobody_gave_are_named_once_the_most_awaited_first() -> None:
    age = {"champ": "calc.age", "inf": 30}
    criteria = [
        {"quand": age, "points": 5},
        {"quand": {"champ": "calc.age", "sup": 60}, "points": 5},
        {"quand": {"champ": "calc.taux_effort", "sup": 0.3}, "points": 5},
        {"quand": {"membre": {"champ": "handicap", "est": True}}, "points": 5},
    ]
    [item] = foreseen(criteria, KNOWN)
    asked = "date de naissance, composition du ménage, loyer, aides au logement et ressources"
    assert item == Outlook(None, f"À confirmer\u00a0: {asked}.", 0, 0, 0, 0)


def test_an_incomplete_household_is_asked_for_what_is_missing_only() -> None:
    handicap = {"quand": {"membre": {"champ": "handicap", "est": True}}, "points": 5}
    minor = {"points": {"par": "membre", "si": {"champ": "mineur", "est": True}, "valeur": 2}}
    facts = {"membres": [{"mineur": False}, {}]}
    assert said([handicap, minor], facts) == [
        "À confirmer\u00a0: handicap dans le ménage, âge de chaque personne du ménage."
    ]


def test_what_decides_the_status_is_asked_too() -> None:
    parts = {
        "hors_cotation": [
            {"id": "demolition", "quand": {"champ": "demande.relogement_demolition", "est": True}, "motif": "Hors"}
        ],
        "rang_absolu": [{"id": "sinistre", "rang": 1, "quand": {"champ": "demande.sinistre", "est": True}}],
    }
    grid = compiled([DALO], **parts)
    [item] = outlook(grid, {"labels": {"dalo": False}}, ON)
    assert item.sentence == ("À confirmer\u00a0: locataire du parc social, relogement lié à une démolition, sinistre.")


def test_a_long_list_of_unknown_facts_is_cut_and_counted() -> None:
    flags = ["labels.dalo", "labels.pdalhpd", "emploi.actif", "emploi.essentiel", "situation.sante", "emploi.mutation",
             "situation.anru"]  # fmt: skip
    [sentence] = said([{"quand": {"champ": path, "est": True}, "points": 5} for path in flags], KNOWN)
    assert sentence.endswith(" et 2\u00a0autres faits.")
    assert sentence.count(",") == 4


def test_a_criterion_that_can_only_take_points_is_not_asked_for() -> None:
    assert foreseen([{**DALO, "points": -10}], KNOWN) == []


# Days to come


def test_the_next_month_is_told_once_with_its_point() -> None:
    [item] = foreseen([MONTHLY], FILED)
    assert item == Outlook(
        date(2026, 12, 12), "Le 12 décembre 2026\u00a0: un nouveau mois complet, 1\u00a0point de plus.", 32, 33, 32, 33
    )


def test_a_capped_seniority_brings_nothing_more() -> None:
    assert foreseen([MONTHLY], {"demande": {"date_depot": "2020-01-01"}}) == []


def test_half_points_rounded_down_are_told_when_they_count() -> None:
    half = {"preuve": "automatique", "points": {"par": "mois", "sur": "demande.date_depot", "valeur": 0.5}}
    [item] = foreseen([half], {"demande": {"date_depot": "2024-02-12"}}, arrondi="inferieur")
    assert (item.on, item.declared_before, item.declared_after) == (date(2026, 12, 12), 16, 17)
    [item] = foreseen([half], FILED, arrondi="inferieur")
    assert (item.on, item.declared_before, item.declared_after) == (date(2027, 1, 12), 16, 17)


def test_an_allowance_not_yet_over_gives_its_first_date_within_the_year() -> None:
    late = {"preuve": "automatique",
            "points": {"par": "mois", "sur": "demande.date_depot", "valeur": 1, "franchise": 36}}  # fmt: skip
    assert [item.on for item in foreseen([late], FILED)] == [date(2027, 4, 12)]
    assert foreseen([late], {"demande": {"date_depot": "2026-03-12"}}) == []


def test_a_point_a_year_is_told_on_its_anniversary() -> None:
    yearly = {"preuve": "automatique", "points": {"par": "annee", "sur": "demande.date_depot", "valeur": 1}}
    assert said([yearly], FILED) == ["Le 12 mars 2027\u00a0: une nouvelle année, 1\u00a0point de plus."]


def duration(operator: str, months: int = 36) -> dict[str, Any]:
    when = {"depuis": "demande.date_depot", operator: f"P{months}M"}
    return {"libelle": "Délai", "preuve": "automatique", "quand": when, "points": 20}


@pytest.mark.parametrize(
    ("operator", "day", "after"),
    [("sup", date(2027, 3, 13), 20), ("sup_egal", date(2027, 3, 12), 20), ("inf", date(2027, 3, 12), 0),
     ("inf_egal", date(2027, 3, 13), 0)],
)  # fmt: skip
def test_a_duration_turns_on_its_exact_day(operator: str, day: date, after: int) -> None:
    [item] = foreseen([duration(operator)], FILED)
    assert (item.on, item.declared_after) == (day, after)


def test_a_threshold_that_is_crossed_is_named() -> None:
    assert said([duration("sup")], FILED) == [
        "Le 13 mars 2027\u00a0: «\u00a0Délai\u00a0» compte, 20\u00a0points de plus."
    ]
    assert said([duration("inf")], FILED) == [
        "Le 12 mars 2027\u00a0: «\u00a0Délai\u00a0» ne compte plus, 20\u00a0points de moins."
    ]


@pytest.mark.parametrize("end", ["2027-08-31", "2027-08-30", "2027-05-31", "2027-02-28", "2027-01-31"])
def test_a_lease_that_ends_is_told_from_the_first_day_it_counts(end: str) -> None:
    lease = {"preuve": "automatique", "quand": {"avant": "logement_actuel.fin_bail", "inf_egal": "P3M"}, "points": 10}
    grid, facts = compiled([lease]), read_facts({**KNOWN, "logement_actuel": {"fin_bail": end}})
    turns = [item.on for item in outlook(grid, facts, ON)]
    totals = {ON + timedelta(days=n): evaluate(grid, facts, ON + timedelta(days=n)).declared for n in range(-1, 365)}
    assert turns == [day for day in totals if day > ON and totals[day] != totals[day - timedelta(days=1)]]
    assert turns


def test_an_expiring_proof_gives_its_date_and_its_loss() -> None:
    criterion = {**DALO, "preuve": "piece", "validite": "P12M"}
    [item] = foreseen([criterion], TRUE, {"dalo": date(2026, 5, 3)})
    assert item == Outlook(
        date(2027, 5, 4),
        "Le 4 mai 2027\u00a0: la preuve de «\u00a0Reconnu DALO\u00a0» expire, 50\u00a0points vérifiés de moins.",
        50, 50, 50, 0,
    )  # fmt: skip


def refused(*days: str) -> dict[str, Any]:
    return {**TRUE, "refus": [{"date": day, "logement_adapte": True, "legitime": False} for day in days]}


def test_the_end_of_a_refusal_is_told_with_what_comes_back() -> None:
    certain = {**DALO, "preuve": "automatique"}
    assert said([certain], refused("2026-05-03"), **REFUSALS) == [
        "Le 3 mai 2027\u00a0: un refus ne compte plus, 10\u00a0points de plus."
    ]
    both = foreseen([certain], refused("2026-05-03", "2026-06-03"), bornes={"plancher": 0}, **REFUSALS)
    assert [(item.on, item.declared_after) for item in both] == [(date(2027, 5, 3), 40), (date(2027, 6, 3), 50)]


def test_nothing_is_foreseen_beyond_the_grid() -> None:
    assert foreseen([duration("sup")], FILED, effet={"du": date(2026, 1, 10), "au": date(2026, 12, 31)}) == []


# The whole

CASE: dict[str, Any] = {
    "demande": {"date_depot": date(2024, 3, 12), "locataire_social": False},
    "logement_actuel": {"statut": "locataire_prive", "etape_expulsion": "jugement", "fin_bail": date(2027, 8, 31)},
    "labels": {"dalo": True},
    "situation": {"violences": True},
    "refus": [{"date": date(2026, 5, 3), "logement_adapte": True, "legitime": False}],
}


def test_six_sentences_at_most_acts_first_then_days_in_order() -> None:
    items = outlook(demo(), CASE, ON)
    assert len(items) == 6
    days = [item.on for item in items]
    assert days[:4] == [None] * 4
    assert days[4:] == [date(2027, 3, 1), date(2027, 3, 13)]


def test_dangers_are_never_written() -> None:
    proven = {"violences": date(2026, 3, 1)}
    sentences = [item.sentence for proofs in ({}, proven) for item in outlook(demo(), CASE, ON, proofs)]
    unknown = [item.sentence for item in outlook(demo(), {**CASE, "situation": {}}, ON)]
    assert any("une situation confidentielle" in sentence for sentence in sentences)
    assert "violence" not in " ".join(sentences + unknown)
    assert [c.id for c in demo().grid.criteria if is_confidential(c)] == ["violences"]


@pytest.mark.parametrize(
    "facts",
    [{**CASE, "demande": {**CASE["demande"], "relogement_demolition": True}}, {"logement_actuel": {"statut": "hotel"}}],
)
def test_a_demand_outside_the_cotation_has_no_outlook_and_any_other_has(facts: dict[str, Any]) -> None:
    assert bool(outlook(demo(), facts, ON)) is (evaluate(demo(), facts, ON).declared is not None)


# Never an advice to be worse off


def worse_criterion(item: Field, *, member: bool) -> tuple[dict[str, Any], Any]:
    """A criterion of fifty points on a field, and a known value that does not reach it."""
    path = item.path
    if item.kind == "date":
        return {"quand": {"depuis": path, "inf": "P12M"}, "points": 50}, date(2010, 1, 1)
    if item.kind in ("commune", "communes"):
        which = path.partition(".")[2]
        place = "62999" if item.kind == "commune" else ["62999"]
        return {"quand": {"lieu": which, "dans": "territoire"}, "points": 50}, place
    wanted, known = {
        "bool": (True, False),
        "int": (3, 1),
        "decimal": (3, Decimal("1.5")),
        "code": (list(item.codes)[0:1], list(item.codes)[-1:]),
        "text": (None, "ESSAI"),
    }[item.kind]
    if item.kind == "text":
        return {}, known
    if item.kind == "code":
        (wanted,), (known,) = wanted, known
    test = {"champ": path, "sup_egal" if item.kind in ("int", "decimal") else "est": wanted}
    return {"quand": {"membre": test} if member else test, "points": 50}, known


ALL = [*((item, False) for item in FIELDS.values()), *((item, True) for item in MEMBER_FIELDS.values())]


@pytest.mark.parametrize(("item", "member"), ALL, ids=[item.path for item, _ in ALL])
@pytest.mark.parametrize("proof", ["automatique", "declaratif", "piece", "validation"])
def test_no_one_is_ever_advised_to_change_a_known_fact(item: Field, member: bool, proof: str) -> None:
    criterion, known = worse_criterion(item, member=member)
    if not criterion:
        assert item.path == "demande.numero_unique"
        return
    section, _, name = item.path.partition(".")
    facts: dict[str, Any] = {"demande": {"locataire_social": False}}
    if member:
        facts["membres"] = [{item.path: known}]
    else:
        facts[section] = {**facts.get(section, {}), name: known}
    grid = compile_grid(read(grid_value([{**criterion, "preuve": proof}])))
    assert evaluate(grid, facts, ON).declared == 0
    assert outlook(grid, facts, ON) == []


@given(grids(), demands())
@settings(max_examples=60, deadline=None)
def test_on_any_grid_only_proofs_and_days_move_the_figures(grid: dict[str, Any], demand: dict[str, Any]) -> None:
    whole = compile_grid(read(grid))
    now = evaluate(whole, demand, ON)
    for item in outlook(whole, demand, ON):
        if item.on is None:
            assert item.declared_before == item.declared_after == now.declared
            assert item.verified_after >= item.verified_before == now.verified
        else:
            eve, day = (evaluate(whole, demand, d) for d in (item.on - timedelta(days=1), item.on))
            assert (item.declared_before, item.declared_after) == (eve.declared, day.declared)
            assert (item.verified_before, item.verified_after) == (eve.verified, day.verified)
            assert ON < item.on <= date(2027, 11, 21)


@given(grids(), demands())
@settings(max_examples=15, deadline=None)
def test_the_first_day_when_the_score_moves_is_the_one_a_calendar_finds(
    grid: dict[str, Any], demand: dict[str, Any]
) -> None:
    whole, facts = compile_grid(read(grid)), read_facts(demand)
    figures = [evaluate(whole, facts, ON + timedelta(days=n)) for n in range(366)]
    totals = [(score.declared, score.verified) for score in figures]
    first = next((ON + timedelta(days=n) for n in range(1, 366) if totals[n] != totals[n - 1]), None)
    items = outlook(whole, facts, ON)
    days = [item.on for item in items if item.on]
    # A full list may have left the first day out for greater changes.
    assert (first in days or len(items) == 6) if first else days == []


def test_it_is_worked_out_in_less_than_a_blink() -> None:
    outlook(demo(), CASE, ON)
    start = time.perf_counter()
    outlook(demo(), CASE, ON)
    assert time.perf_counter() - start < 0.2


def test_the_page_shows_the_sentences_and_nothing_when_there_is_none() -> None:
    page = render_to_string("cotation/outlook.html", {"outlook": outlook(demo(), CASE, ON), "on": ON})
    assert page.count("<li>") == 6
    assert "Vu du 21 novembre 2026" in page
    assert render_to_string("cotation/outlook.html", {"outlook": [], "on": ON}).strip() == ""
