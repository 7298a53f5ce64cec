"""Plain files that people of a territory write: YAML read with the line of everything, and nothing dangerous.

A file is refused, with its line, for a duplicate key, an anchor or alias (a few bytes could unfold into gigabytes),
nesting deeper than 40, too many values, or a size above the limit, never read beyond. Decimals are exact (`Decimal`),
never floats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from palier.common.text import number_fr

type_names = {
    "str": "un texte",
    "int": "un nombre entier",
    "bool": "true ou false",
    "date": "une date AAAA-MM-JJ",
}
# Reading a grid of 5,000 criteria makes 250,000 steps; this many take a third of a gigabyte at the worst.
MOST_STEPS = 400_000
# Nobody reads more; saying 100,000 of them would fill the screen for minutes.
MOST_PROBLEMS = 100
# Far beyond any amount, and short of numbers whose digits would fill the memory.
MOST_DIGITS = 30
Key = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a file: where, and a sentence in French that says how to put it right."""

    file: str
    line: int
    where: str
    sentence: str

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        return f"{self.file}, ligne {self.line}{where}\u00a0: {self.sentence}"


class FileProblems(Exception):
    """What is wrong in one or several files: the first hundred problems, and a last one to say there are others."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        if len(problems) > MOST_PROBLEMS:
            last = problems[MOST_PROBLEMS]
            others = Problem(last.file, last.line, "", "et d’autres erreurs encore\u00a0: corrigez d’abord celles-ci.")
            problems = [*problems[:MOST_PROBLEMS], others]
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Source:
    """A file as plain values, with the line each one stands on."""

    name: str
    text: str
    value: Any
    lines: dict[Key, int] = field(repr=False)

    def line(self, path: Key = ()) -> int:
        """The line of a key path such as ("places", 3, "niveau"), or of its nearest parent."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Key, sentence: str) -> Problem:
        """A problem at a key path."""
        return Problem(self.name, self.line(path), where(path), sentence)


def where(path: Key) -> str:
    """« places[3].niveau »."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def read(path: Path, *, limit: int = 2_000_000) -> Source:
    """Read a file of at most `limit` bytes. Raises FileProblems."""
    return parse(read_text(path, limit), path.name)


def read_text(path: Path, limit: int) -> str:
    """The text of a file of at most `limit` bytes; no more of it is read. Raises FileProblems."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            sentence = f"fichier trop gros\u00a0: {number_fr(limit)} octets au plus."
            raise FileProblems([Problem(path.name, 1, "", sentence)])
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise FileProblems([Problem(path.name, 1, "", unreadable(error))]) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        sentence = f"le fichier n’est pas en UTF-8 (octet {error.start})."
        raise FileProblems([Problem(path.name, line, "", sentence)]) from error


def unreadable(error: OSError) -> str:
    """Why a file cannot be read. The system says it in English."""
    reasons = {
        FileNotFoundError: "il n’existe pas",
        IsADirectoryError: "c’est un dossier",
        PermissionError: "l’accès est refusé",
    }
    return f"fichier illisible\u00a0: {reasons.get(type(error), error.strerror)}."


def parse(text: str, name: str) -> Source:
    """Read a text. Raises FileProblems."""
    reader = _Reader(name)
    try:
        event: Any
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1
                raise FileProblems([Problem(name, line, "", "les ancres et les alias (& et *) ne sont pas admis.")])
            reader.bound(event)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line if mark else 0
        sentence = f"YAML mal formé\u00a0: {_malformed(str(error.problem), text.split(chr(10))[line])}."
        raise FileProblems([Problem(name, line + 1, "", sentence)]) from error
    except yaml.YAMLError as error:
        raise FileProblems([Problem(name, 1, "", "caractère interdit dans un fichier YAML.")]) from error
    value = reader.value(node, ()) if node is not None else None
    if reader.problems:
        raise FileProblems(reader.problems)
    return Source(name, text, value, reader.lines)


def reasonable(number: Decimal) -> bool:
    """Whether a number is finite and can be written out in a few dozen digits: 1e999999999 cannot."""
    return (
        number.is_finite()
        and len(number.as_tuple().digits) <= MOST_DIGITS
        and -MOST_DIGITS <= number.adjusted() <= MOST_DIGITS
    )


def _malformed(problem: str, line: str) -> str:
    """What PyYAML says, in French for the faults that people make."""
    if "\t" in line:
        return "une tabulation\u202f; décalez avec des espaces"
    if "mapping values are not allowed" in problem:
        return "deux-points inattendus, ou décalage à revoir\u202f; un texte à deux-points se met entre guillemets"
    if "cannot start any token" in problem:
        return "un texte qui commence par un signe se met entre guillemets"
    if "end of stream" in problem:
        return "un guillemet n’est pas refermé"
    if "did not find expected" in problem:
        return "décalage, crochet, accolade ou guillemet à revoir ici ou juste au-dessus"
    return f"«\u00a0{problem}\u00a0»"


class _Reader:
    """Turns YAML nodes into plain values, keeping lines and collecting problems."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Key, int] = {}
        self.problems: list[Problem] = []
        self.level = 0
        self.steps = 0

    def bound(self, event: Any) -> None:
        start = event.start_mark
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise FileProblems([Problem(self.name, start.line + 1, "", "ce fichier contient trop de valeurs.")])
        if isinstance(event, yaml.CollectionStartEvent):
            self.level += 1
            if self.level > 40:
                line = start.line + 1
                raise FileProblems([Problem(self.name, line, "", "trop de niveaux imbriqués (40 au plus).")])
        elif isinstance(event, yaml.CollectionEndEvent):
            self.level -= 1

    def value(self, node: yaml.Node, path: Key) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            out: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                if key in out:
                    line = key_node.start_mark.line + 1
                    self.problems.append(Problem(self.name, line, where((*path, key)), "clé écrite deux fois."))
                out[key] = self.value(value_node, (*path, key))
                self.lines[(*path, key)] = key_node.start_mark.line + 1
            return out
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self.scalar(node, path)

    def scalar(self, node: yaml.Node, path: Key) -> Any:
        tag, raw = node.tag.rpartition(":")[2], str(node.value)
        try:
            match tag:
                case "str":
                    return raw
                case "null":
                    return None
                case "bool":
                    return raw.lower() in {"true", "yes", "on"}
                case "int":
                    return int(raw.replace("_", ""), 0) if raw.lstrip("+-").startswith("0x") else int(raw)
                case "float":
                    number = Decimal(raw.replace("_", ""))
                    if reasonable(number):
                        return number
                case "timestamp":
                    return date.fromisoformat(raw)
        except (ValueError, ArithmeticError):
            pass
        self.problems.append(
            Problem(
                self.name,
                node.start_mark.line + 1,
                where(path),
                f"valeur «\u00a0{raw[:60]}\u00a0» incomprise\u202f; un texte se met entre guillemets.",
            )
        )
        return None


_SENTENCES = {
    "missing": "cette clé est obligatoire.",
    "extra_forbidden": "clé inconnue.",
    "string_type": "un texte est attendu (mettez-le entre guillemets).",
    "int_type": "un nombre entier est attendu.",
    "int_parsing": "un nombre entier est attendu.",
    "int_from_float": "un nombre entier est attendu.",
    "decimal_type": "un nombre est attendu.",
    "decimal_parsing": "un nombre est attendu.",
    "bool_type": "true ou false est attendu.",
    "bool_parsing": "true ou false est attendu.",
    "date_type": "une date AAAA-MM-JJ est attendue.",
    "date_from_datetime_parsing": "une date AAAA-MM-JJ est attendue.",
    "date_parsing": "une date AAAA-MM-JJ est attendue.",
    "list_type": "une liste est attendue.",
    "tuple_type": "une liste est attendue.",
    "dict_type": "un bloc de clés est attendu.",
    "model_type": "un bloc de clés est attendu.",
}


def _bounds(context: dict[str, Any]) -> str:
    """« 1 au moins »."""
    words = {"ge": "{} au moins", "le": "{} au plus", "gt": "plus de {}", "lt": "moins de {}"}
    return ", ".join(words[key].format(value) for key, value in context.items())


def validate(source: Source, model: type[M]) -> M:
    """The file as `model`, or FileProblems with one French sentence and one line per error.

    A validator of the model that raises ValueError gives its own sentence.
    """
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        problems = []
        for detail in error.errors(include_url=False)[: MOST_PROBLEMS + 1]:
            path = tuple(detail["loc"])
            kind, context = detail["type"], detail.get("ctx", {})
            if kind == "value_error":
                sentence = str(context["error"])
            elif kind in {"literal_error", "enum"}:
                expected = context["expected"].replace(" or ", " ou ")
                sentence = f"valeur «\u00a0{detail['input']}\u00a0» inconnue\u202f; attendu\u00a0: {expected}."
            elif kind in {"string_too_short", "too_short"}:
                sentence = "cette valeur ne peut pas être vide."
            elif kind in {"string_too_long", "too_long"}:
                sentence = f"trop long ({context.get('max_length')} au plus)."
            elif kind == "string_pattern_mismatch":
                sentence = f"«\u00a0{detail['input']}\u00a0» n’a pas la forme attendue."
            elif kind in {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}:
                sentence = f"«\u00a0{detail['input']}\u00a0» est hors des valeurs admises ({_bounds(context)})."
            else:
                sentence = _SENTENCES.get(kind, f"valeur incorrecte ({detail['msg']}).")
            problems.append(source.problem(path, sentence))
        raise FileProblems(problems) from error
