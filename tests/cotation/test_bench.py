"""The benchmark runs, says the same points as its peers, and prints what it promises."""

import json
import sys

import pytest

from bench.__main__ import main


def test_the_benchmark_prints_only_its_json_and_every_peer_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["cotation", "--quick", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"name", "machine", "figures", "ratios", "goals"}
    goals = {goal["id"]: goal for goal in document["goals"]}
    assert all(set(goal) == {"id", "goal", "value", "met"} for goal in goals.values())
    assert goals["cotation.identical"]["met"]
    assert document["figures"]["sizes"]["criteria"] == 40
    # Generous: a loaded machine must not fail it, a loop gone quadratic must.
    assert document["figures"]["palier"]["p50_us"] < 2000
    assert code == (0 if goals["cotation.one"]["met"] else 1)


def test_without_zen_engine_the_comparison_says_so_and_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zen", None)
    main(["cotation", "--quick"])
    out = capsys.readouterr().out
    assert "zen-engine n’est pas installé" in out
    assert "dictionary_walk/palier" in out


def test_without_a_name_the_benchmarks_are_listed_and_an_unknown_one_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    assert "cotation" in capsys.readouterr().out
    assert main(["inconnu"]) == 2
    assert "Banc inconnu" in capsys.readouterr().err
