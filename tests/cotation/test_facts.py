"""Facts are read strictly: a closed catalogue, exact numbers, real dates, and unknown kept apart from none."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from palier.cotation.api import WrongFacts, read_facts
from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS


def test_values_are_typed_and_exact() -> None:
    facts = read_facts(
        {
            "date_calcul": "2026-11-21",
            "demande": {"date_depot": date(2024, 2, 29), "numero_unique": "062112402000000001"},
            "calc": {"taux_effort": 0.3, "ressources": Decimal("1300.50"), "age": 33},
            "lieux": {"souhait": "62427"},
            "refus": [{"date": "2026-05-03", "logement_adapte": True}],
            "preuves": {"dalo": {"le": "2026-01-01"}},
        }
    )
    assert facts.on == date(2026, 11, 21)
    assert facts.values["calc.taux_effort"] == Decimal("0.3")
    assert facts.values["calc.ressources"] == Decimal("1300.5")
    assert facts.values["lieux.souhait"] == ("62427",)
    assert facts.values["refus"][0].legitimate is None
    assert facts.proofs == {"dalo": date(2026, 1, 1)}


def test_unknown_none_and_absent_are_told_apart() -> None:
    facts = read_facts({"lieux": {"travail": None}, "labels": {"dalo": None, "pdalhpd": "inconnu"}})
    assert facts.values["lieux.travail"] is None
    assert "labels.dalo" not in facts.values
    assert "labels.pdalhpd" not in facts.values
    assert facts.values["logement_actuel.fin_bail"] is None
    assert "logement_actuel.fin_bail" not in read_facts({"logement_actuel": {"fin_bail": "inconnu"}}).values
    assert "membres" not in read_facts({"membres": None}).values


@pytest.mark.parametrize(
    ("facts", "path", "words"),
    [
        ([], (), "objet"),
        ({"calc": 3}, ("calc",), "bloc"),
        ({"calc": {"age": 3.5}}, ("calc", "age"), "entier"),
        ({"calc": {"age": -1}}, ("calc", "age"), "0 au moins"),
        ({"calc": {"age": True}}, ("calc", "age"), "nombre"),
        ({"calc": {"ressources": float("nan")}}, ("calc", "ressources"), "nombre"),
        ({"calc": {"ressources": 10**15}}, ("calc", "ressources"), "nombre"),
        ({"calc": {"quartile": 0}}, ("calc", "quartile"), "1 au moins"),
        ({"labels": {"dalo": 1}}, ("labels", "dalo"), "true ou false"),
        ({"demande": {"date_depot": "29/02/2024"}}, ("demande", "date_depot"), "AAAA-MM-JJ"),
        ({"demande": {"date_depot": "0024-02-01"}}, ("demande", "date_depot"), "AAAA-MM-JJ"),
        ({"demande": {"date_depot": datetime(2024, 2, 1)}}, ("demande", "date_depot"), "AAAA-MM-JJ"),  # noqa: DTZ001
        ({"demande": {"numero_unique": "9" * 101}}, ("demande", "numero_unique"), "100"),
        ({"logement_actuel": {"statut": "chateau"}}, ("logement_actuel", "statut"), "inconnue"),
        ({"lieux": {"residence": "Carvin"}}, ("lieux", "residence"), "INSEE"),
        ({"lieux": {"souhait": ["62427", 3]}}, ("lieux", "souhait"), "INSEE"),
        ({"membres": {}}, ("membres",), "liste"),
        ({"membres": [3]}, ("membres", 0), "bloc"),
        ({"membres": [{}] * 200}, ("membres",), "200 personnes, 50 au plus"),
        ({"membres": [{"nom": "Exemple"}]}, ("membres", 0, "nom"), "inconnu"),
        ({"refus": [{"logement_adapte": True}]}, ("refus", 0), "date"),
        ({"refus": [{"date": "2026-01-01", "motif": "x"}]}, ("refus", 0, "motif"), "inconnu"),
        ({"refus": 3}, ("refus",), "liste"),
        ({"preuves": []}, ("preuves",), "bloc"),
        ({"preuves": {"dalo": "2026-01-01"}}, ("preuves", "dalo"), "le"),
        ({"date_calcul": "demain"}, ("date_calcul",), "AAAA-MM-JJ"),
    ],
)
def test_a_wrong_fact_is_named_with_its_path(facts: Any, path: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(WrongFacts) as caught:
        read_facts(facts)
    problem = caught.value.problems[0]
    assert problem.path == path
    assert words in problem.sentence


@pytest.mark.parametrize("field", [*FIELDS.values(), *MEMBER_FIELDS.values()], ids=lambda field: field.path)
def test_every_field_of_the_catalogue_can_be_said_in_french(field: Any) -> None:
    assert field.label
    samples: dict[str, list[Any]] = {
        "bool": [True, False],
        "int": [3],
        "decimal": [Decimal("0.4")],
        "date": [date(2024, 3, 12)],
        "code": list(field.codes),
        "commune": ["62427"],
        "communes": [("62427",)],
        "text": ["062"],
    }
    for value in samples[field.kind]:
        said = field.clause(value)
        assert said
        assert "{" not in said
        assert said == said.strip(". ")


def test_penal_data_are_marked_as_not_lawful_to_collect() -> None:
    unlawful = {field.path for field in MEMBER_FIELDS.values() if not field.lawful}
    assert unlawful == {"troubles", "expulse_troubles", "condamnation", "condamnation_stupefiants"}
