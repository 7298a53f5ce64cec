"""A file of demands without names is read whole or refused, line by line, in bounded memory."""

import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from palier.common.yamlfile import FileProblems, parse
from palier.cotation.api import Provider, compile_grid, evaluate, read_facts
from palier.cotation.control import control_stock, never_filled
from palier.cotation.facts import PROTECTED, Facts
from palier.cotation.stock import source
from palier.cotation.stock.export import lines
from palier.cotation.stock.mirror import Stock
from palier.cotation.stock.source import Limits, read_jsonl
from tests.factories import make_territory

from .samples import ON, demo, grid_value, read, text_of

HENIN = Path(__file__).resolve().parents[2] / "territories" / "henin-carvin" / "grille.yaml"
ONE = {"calc": {"age": 31}, "membres": [{"mineur": False}]}


def text(*demands: Any) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in demands).encode()


def problems(content: bytes, **limits: int) -> list[str]:
    with pytest.raises(FileProblems) as error:
        read_jsonl(io.BytesIO(content), Limits(**limits), "demandes.jsonl")
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize("packed", [False, True])
def test_demands_come_one_a_line_as_cotation_evaluate_takes_them(packed: bool) -> None:
    content = text(ONE) + b"\n" + text({"id": "x", "input": {"labels": {"dalo": True}}}) + b'{"calc": {"age": 40}}'
    stock = read_jsonl(io.BytesIO(gzip.compress(content) if packed else content))
    assert stock.ids.tolist() == [1, 3, 4]
    assert [stock.facts(n, ON).values.get("calc.age") for n in range(3)] == [31, None, 40]
    assert stock.facts(1, ON).values["labels.dalo"] is True


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"demande": {"date_depot": "2025-02-29"}}', "demande.date_depot"),
        ('{"demande": {"date_depot": "2025-02-29"}}', "une date AAAA-MM-JJ du calendrier"),
        ('{"calc": {"ressources": -1}}', "« -1 »\u00a0: 0 au moins".replace("« ", "«\u00a0").replace(" »", "\u00a0»")),
        ('{"calc": {"salaire": 1}}', "champ inconnu"),
        ('{"salaire": 1}', "champ inconnu"),
        ("{oui}", "JSON mal formé, colonne 2"),
        ("[" * 30_000, "trop de niveaux imbriqués"),
        ('{"calc": {"age": NaN}}', "nombre incompris"),
        ('{"calc": {"age": ' + "9" * 5000 + "}}", "nombre incompris"),
        ('{"calc": {"age": 1, "age": 2}}', "calc.age\u00a0: clé écrite deux fois"),
        ("31", "un objet avec les clés"),
        ('{"demande": {"numero_unique": "062A"}}', "ne porte pas de numéro unique"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(line: str, said: str) -> None:
    found = problems(text(ONE, ONE) + line.encode() + b"\n" + text(ONE))
    assert len(found) == 1
    assert found[0].startswith("demandes.jsonl, ligne 3")
    assert said in found[0]


def test_the_29th_of_february_of_a_leap_year_is_a_day() -> None:
    stock = read_jsonl(io.BytesIO(text({"demande": {"date_depot": "2024-02-29"}})))
    assert stock.facts(0, ON).values["demande.date_depot"] == date(2024, 2, 29)


def test_a_line_that_is_not_utf_8_and_a_file_without_demand_are_told() -> None:
    assert "UTF-8" in problems(text(ONE) + '{"é": 1}'.encode("latin-1"))[0]
    assert problems(b"") == problems(b"\n \n") == ["demandes.jsonl, ligne 1\u00a0: aucune demande dans ce fichier."]


def test_every_wrong_line_is_told_and_no_more_than_a_hundred() -> None:
    wrong = {"calc": {"age": -1}}
    assert [found.split(" (")[0] for found in problems(text(wrong, ONE, wrong))] == [
        "demandes.jsonl, ligne 1", "demandes.jsonl, ligne 3",
    ]  # fmt: skip
    assert len(problems(text(*[wrong] * 300))) == 100


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"line": 40}, "ligne 1\u00a0: ligne trop longue (40 octets au plus)"),
        ({"size": 150}, "ligne 3\u00a0: fichier trop gros (150 octets au plus)"),
        ({"demands": 2}, "ligne 3\u00a0: trop de demandes (2 au plus)"),
        ({"items": 2}, "ligne 3\u00a0: trop de personnes"),
    ],
)
def test_beyond_a_limit_the_file_is_refused_in_a_sentence(limits: dict[str, int], said: str) -> None:
    assert said in problems(text(ONE, ONE, ONE, ONE), **limits)[0]


def test_a_damaged_or_cut_gzip_file_is_told() -> None:
    packed = gzip.compress(text(*[ONE] * 500))
    for content in (packed[:-9], packed[:60], b"\x1f\x8b" + b"x" * 50):
        assert "abîmé ou incomplet" in problems(content)[0]


class Endless(io.RawIOBase):
    """A stream made as it is read: no file of this size needs to exist."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.left, self.given = parts, b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self.left) < len(buffer):
            self.left += next(self.parts)
        size = len(buffer)
        buffer[:], self.left = self.left[:size], self.left[size:]
        self.given += size
        return size


def test_memory_stays_bounded_whatever_the_file() -> None:
    def peak(stream: Any, limits: Limits) -> tuple[int, str]:
        tracemalloc.start()
        try:
            with pytest.raises(FileProblems) as error:
                read_jsonl(stream, limits)
            return tracemalloc.get_traced_memory()[1], str(error.value.problems[0])
        finally:
            tracemalloc.stop()

    def forever(part: bytes) -> Iterator[bytes]:
        while True:
            yield part

    one_line = Endless(forever(b" " * 60_000))
    used, said = peak(io.BufferedReader(one_line), Limits())
    assert "ligne trop longue" in said
    assert used < 2_000_000
    assert one_line.given < 200_000
    # A wrong demand comes first: the rest is checked and not kept, up to the limit.
    many = Endless(iter([text({"calc": {"age": -1}}), *[text(*[ONE] * 100)] * 1000]))
    used, _ = peak(io.BufferedReader(many), Limits(size=300_000))
    assert used < 2_000_000
    bomb = gzip.compress(b" " * 20_000_000)
    used, said = peak(io.BytesIO(bomb), Limits())
    assert "ligne trop longue" in said
    assert used < 3_000_000


# What a stock tells of a grid


def test_the_criteria_that_no_demand_reaches_are_named_with_their_line() -> None:
    grid = [{"points": 1, "quand": {"champ": "labels.dalo", "est": flag}} for flag in (True, False)]
    many = [{"points": 1, "quand": {"champ": "calc.age", "sup": 20 + index}} for index in range(70)]
    content = text_of(grid_value(grid + many))
    stock = Stock.from_facts([{"labels": {"dalo": True}, "calc": {"age": age}} for age in (21, 80)], range(2))
    compiled = read(grid_value(grid + many))
    assert never_filled(compiled, stock, ON) == ["c1", *(f"c{n}" for n in range(62, 72))]
    found = control_stock(compiled, parse(content, "grille.yaml"), stock, ON)
    assert (found[0].level, found[0].rule, found[0].problem.where) == ("alerte", "stock", "criteres[1]")
    assert "«\u00a0Critère 1\u00a0»\u00a0: critère jamais rempli sur le stock (2\u00a0demandes)." in str(found[0])
    assert never_filled(compiled, Stock.from_facts([], []), ON) == []


def rich(index: int) -> Facts:
    facts = read_facts(
        {
            "demande": {
                "date_depot": date(2025, 1, 20 - index), "locataire_social": False, "numero_unique": f"0{index}",
            },
            "labels": {"dalo": index == 3},
            "situation": {"violences": index == 1, "traite": False},
            "lieux": {
                "residence": "62427" if index else "62215", "travail": None, "souhait": ["62427", "59350"][: index + 1],
            },
            "calc": {"taux_effort": 0.3846, "age": 40 + index, "ressources": 1300.5},
            "logement_actuel": {"etape_expulsion": None},
            "membres": [{"mineur": False, "age": 40}, {"handicap": True}],
            "refus": [{"date": "2026-05-03", "logement_adapte": True}],
            "preuves": {"dalo": {"le": "2026-01-02"}},
        }
    )  # fmt: skip
    return Facts({**facts.values, PROTECTED: index == 2}, None, facts.proofs)


def test_what_is_exported_is_read_again_without_what_few_people_share() -> None:
    stock = Stock.from_facts([rich(index) for index in range(13)], range(100, 113))
    said = list(lines(stock, ON))
    again = read_jsonl(io.BytesIO("\n".join(said).encode()))
    # The oldest demand first: numbers tell nothing of the database.
    firsts = [again.facts(place, ON).values["demande.date_depot"].day for place in range(13)]
    assert firsts == list(range(8, 21))
    whole = "\n".join(said)
    for secret in ("numero_unique", "violences", "naissance", "62215"):
        assert secret not in whole
    # Nobody's trafficking is rarer still; where the protected household lives is not told.
    assert "traite" not in whole
    residences = [again.facts(12 - index, ON).values.get("lieux.residence") for index in range(13)]
    assert residences == [None, "62427", None, *["62427"] * 10]
    for index in (1, 3, 12):
        facts, before = again.facts(12 - index, ON), stock.facts(index, ON)
        kept = {
            path
            for path in before.values
            if path not in ("demande.numero_unique", "situation.violences", "situation.traite")
        }
        assert {path: facts.values[path] for path in kept} == {path: before.values[path] for path in kept}
        assert facts.proofs == before.proofs


@pytest.fixture
def known(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A territory whose stock is these demands."""
    settings.DATA_DIR = tmp_path / "donnees"
    rows = [(index, rich(index)) for index in range(12)]
    monkeypatch.setattr(source, "_providers", [])
    source.register(
        Provider(
            lambda territory, on: {"law": ""},
            lambda territory: ((index, 0) for index, _ in rows),
            lambda territory, on, ids: rows,
        )
    )
    return tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["demandes.jsonl", "demandes.jsonl.gz"])
def test_the_command_exports_the_territory_once_for_its_owner_only(
    known: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_territory()
    path = known / name
    call_command("cotation", "stock", "export", str(path))
    assert capsys.readouterr().out == f"{name}\u00a0: 12\u00a0demandes, sans nom.\n"
    assert path.stat().st_mode & 0o077 == 0
    with path.open("rb") as file:
        assert read_jsonl(file).size == 12
    with pytest.raises(SystemExit):
        call_command("cotation", "stock", "export", str(path))
    assert "existe déjà" in capsys.readouterr().err


@pytest.mark.django_db
def test_the_control_of_a_grid_may_look_at_a_stock(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_territory()
    path = known / "deux.jsonl"
    path.write_bytes(text({"labels": {"dalo": True}}, {}))
    for asked in ([], [str(path)]):
        call_command("cotation", "check", str(HENIN), "--stock", *asked)
        out = capsys.readouterr().out
        assert "Alerte" in out
        assert "jamais rempli sur le stock" in out
        assert "« Reconnu DALO »".replace("« ", "«\u00a0").replace(" »", "\u00a0»") not in out
    path.write_bytes(b"{oui}\n")
    for asked, said in ((path, "deux.jsonl, ligne 1"), (known / "rien", "il n’existe pas")):
        with pytest.raises(SystemExit):
            call_command("cotation", "check", str(HENIN), "--stock", str(asked))
        assert said in capsys.readouterr().err


@pytest.mark.django_db
def test_without_territory_the_command_says_what_to_do(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("cotation", "stock", "export", str(known / "a.jsonl"))
    assert "Aucun territoire n’est chargé" in capsys.readouterr().err


def test_a_stock_kept_by_another_version_is_made_again(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert source.stock_of(1, ON).size == 12
    monkeypatch.setattr("palier.cotation.stock.mirror.VERSION", "suivante")
    assert source.stock_of(1, ON).size == 12
    assert evaluate(demo(), source.stock_of(1, ON).facts(3, ON), ON).declared == compile_and_score()


def compile_and_score() -> Any:
    return evaluate(compile_grid(demo().grid), rich(3), ON).declared
