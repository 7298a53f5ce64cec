"""Files made to harm, or by mistake enormous: one sentence with its line, little memory, nothing loaded."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from palier.common import yamlfile
from palier.common.yamlfile import FileProblems
from palier.cotation.api import WrongFacts, read_facts
from palier.cotation.grammar import check_grid
from palier.cotation.jsonfile import read_json, read_line
from palier.territory.files import read_folder

from .samples import DEMO
from .test_examples import run

TWO_GIGABYTES = 2 << 30
ALIASES = "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
FLAG = "{champ: labels.dalo, est: true}"
GRID = Path("bench/grids/grid40.yaml").read_text(encoding="utf-8")
YAML: dict[str, tuple[str | bytes, str]] = {
    "anchors.yaml": ("a: &a [x, x]\n" + ALIASES, "ligne 1\u00a0: les ancres et les alias"),
    "deep.yaml": ("a:\n  b: " + "[" * 100_000, "ligne 2\u00a0: trop de niveaux imbriqués"),
    "many.yaml": ("a:\n- [" + "[]," * 500_000 + "]", "ligne 2\u00a0: ce fichier contient trop de valeurs"),
    "digits.yaml": ("a: 1\nb: " + "9" * 5_000, "ligne 2 (b)\u00a0: valeur"),
    "exponent.yaml": ("a: 1\nb: 1.0e+999999999", "ligne 2 (b)\u00a0: valeur"),
    "tiny.yaml": ("a: 1\nb: 1.0e-999999999", "ligne 2 (b)\u00a0: valeur"),
    "leap.yaml": ("a: 1\nb: 2025-02-29", "ligne 2 (b)\u00a0: valeur"),
    "conditions.yaml": (
        GRID.replace(FLAG, f"{{un_de: [{', '.join([FLAG] * 15_000)}]}}"),
        "ligne 22 (criteres[0].quand.un_de[14999])\u00a0: trop de conditions\u00a0: 15\u202f000 au plus",
    ),
    "bytes.yaml": (b"a: 1\nb: \xff", "ligne 2\u00a0: le fichier n’est pas en UTF-8"),
}  # fmt: skip
JSON: dict[str, tuple[str | bytes, str]] = {
    "deep.json": ("[" * 1_000_000, "trop de niveaux imbriqués"),
    "digits.json": ("9" * 5_000, "nombre incompris"),
    "twice.json": ('{\n"a": 1,\n"a": 2}', "ligne 3 (a)\u00a0: clé écrite deux fois"),
}
# Only what reads files, so that the limit counts neither Django nor the tests.
CHILD = """
import resource, sys
from pathlib import Path
from palier.common import yamlfile
from palier.cotation.grammar import read_grid
from palier.cotation.jsonfile import read_json
resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
for name in sys.argv[1:]:
    try:
        read_json(Path(name)) if name.endswith("json") else read_grid(yamlfile.read(Path(name)))
        print(name, "lu")
    except yamlfile.FileProblems as error:
        print(str(error.problems[0]))
"""


def enormous(path: Path) -> Path:
    """Two gigabytes that take no room on the disk."""
    with path.open("wb") as file:
        file.truncate(TWO_GIGABYTES)
    return path


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_every_harmful_file_is_refused_in_400_megabytes_with_its_line(tmp_path: Path) -> None:
    wanted = {name: words for name, (_, words) in (YAML | JSON).items()}
    paths = [write(tmp_path, name, content) for name, (content, _) in (YAML | JSON).items()]
    for name in ("enormous.yaml", "enormous.json"):
        paths.append(enormous(tmp_path / name))
        wanted[name] = "ligne 1\u00a0: fichier trop gros"
    done = subprocess.run([sys.executable, "-c", CHILD, *map(str, paths)], capture_output=True, text=True, timeout=100)
    said = done.stdout.splitlines()
    assert (done.returncode, len(said)) == (0, len(wanted)), done.stderr
    for (name, words), sentence in zip(wanted.items(), said, strict=True):
        assert sentence.startswith(f"{name}, ligne "), sentence
        assert words in sentence, sentence


def test_a_hundred_mistakes_are_said_and_the_others_counted_out() -> None:
    text = DEMO.read_text(encoding="utf-8") + "".join(f"k{number}: 1\n" for number in range(3_000))
    problems = check_grid(yamlfile.parse(text, "grille.yaml"))
    assert len(problems) == 101
    assert problems[-1].sentence.startswith("et d’autres erreurs encore")
    assert problems[0].where == "k0"


@pytest.mark.parametrize(
    ("key", "content", "line"),
    [
        ("ressources", "-100", 3),
        ("ressources", "1e999999999", 3),
        ("ressources", "1e-999999999", 3),
        ("revenu", "100", 3),
        ("age", "3.5", 3),
    ],
)
def test_a_negative_income_or_an_unknown_field_is_named_with_its_line(
    key: str, content: str, line: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "faits.json", f'{{\n "calc": {{\n  "{key}": {content}\n }}\n}}')
    code, out, err = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(path))
    assert (code, out) == (2, "")
    assert err.startswith(f"faits.json, ligne {line} (calc.{key})\u00a0: ")
    assert len(err.splitlines()) == 1


def test_the_29_of_february_counts_only_where_the_calendar_has_one() -> None:
    assert read_facts({"demande": {"date_depot": "2024-02-29"}})
    with pytest.raises(WrongFacts, match="du calendrier"):
        read_facts({"demande": {"date_depot": "2025-02-29"}})


@pytest.mark.parametrize("read", [lambda path: read_json(path), lambda path: read_line(path.read_text())])
def test_no_depth_escapes_the_reader_of_facts(read: Callable[[Path], object], tmp_path: Path) -> None:
    for depth in range(850, 1_010, 7):
        path = write(tmp_path, "profond.json", "[" * depth + "]" * depth)
        said = ""
        try:
            read(path)
        except (FileProblems, ValueError) as error:
            said = str(error)
        assert said == "" or "trop de niveaux" in said


def test_thousands_of_unknown_facts_take_no_longer_than_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = ",\n".join(f'"k{number}": 1' for number in range(30_000))
    path = write(tmp_path, "faits.json", f"{{{facts}}}")
    code, _, err = run(capsys, "evaluate", "--grid", str(DEMO), "--facts", str(path))
    assert (code, err.count("\n")) == (2, 1)
    assert "(k0)" in err


@pytest.mark.parametrize("name", ["territoire.yaml", "grille.yaml", "logo.svg"])
def test_an_enormous_file_in_a_territory_is_said_alone(name: str, tmp_path: Path) -> None:
    _, before = read_folder(tmp_path)
    enormous(tmp_path / name)
    _, problems = read_folder(tmp_path)
    new = [problem for problem in problems if problem not in before]
    assert [problem.file for problem in new] == [name]
    assert "trop gros" in new[0].sentence or "trop lourd" in new[0].sentence
