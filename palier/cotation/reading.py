"""Reading one key of a grid file at a time: a value of the right kind, or a sentence with its line."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from palier.common.yamlfile import MOST_PROBLEMS, FileProblems, Key, Problem, Source
from palier.cotation.catalogue import Field
from palier.cotation.facts import parse_day
from palier.cotation.grid import Points
from palier.cotation.language import CODE_PATTERN, DURATION_PATTERN, MOST

CODE = re.compile(CODE_PATTERN, re.ASCII)
DURATION = re.compile(DURATION_PATTERN, re.ASCII)
NOWHERE = Field("", "", "")


def shown(value: object) -> str:
    """A value as quoted in a sentence."""
    return f"«\u00a0{str(value)[:60]}\u00a0»"


class Reader:
    """Collects problems instead of stopping at the first, so that the author corrects them all at once.

    After a wrong value a harmless one is returned; the caller throws everything away when there is a problem.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.conditions = 0

    def wrong(self, path: Key, sentence: str) -> None:
        self.problems.append(self.source.problem(path, sentence))
        if len(self.problems) > MOST_PROBLEMS:
            raise FileProblems(self.problems)

    def block(self, path: Key, value: object, known: tuple[str, ...], required: tuple[str, ...] = ()) -> dict[str, Any]:
        """A mapping with only `known` keys and all the `required` ones."""
        if not isinstance(value, dict):
            self.wrong(path, "un bloc de clés est attendu.")
            return {}
        for key in value:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"vouliez-vous dire {shown(near[0])}\u202f?" if near else f"attendu\u00a0: {', '.join(known)}."
                self.wrong((*path, key), f"clé inconnue\u00a0; {hint}")
        for key in required:
            if value.get(key) is None:
                self.wrong(path, f"la clé {shown(key)} est obligatoire.")
        return {key: item for key, item in value.items() if key in known}

    def items(self, path: Key, value: object) -> Iterator[tuple[int, Any]]:
        """The items of a list."""
        if not isinstance(value, list):
            self.wrong(path, "une liste est attendue.")
            return
        yield from enumerate(value)

    def blocks(
        self, path: Key, value: object, known: tuple[str, ...], required: tuple[str, ...]
    ) -> Iterator[tuple[Key, dict[str, Any]]]:
        """A list of mappings, each with an `id` of its own. None is an empty list."""
        seen: dict[str, int] = {}
        for index, raw in self.items(path, [] if value is None else value):
            here = (*path, index)
            block = self.block(here, raw, known, required)
            if "id" in block:
                known_as = self.code((*here, "id"), block["id"])
                if known_as in seen:
                    line = self.source.line((*path, seen[known_as]))
                    self.wrong((*here, "id"), f"identifiant {shown(known_as)} déjà pris, ligne {line}.")
                seen.setdefault(known_as, index)
            yield here, block

    def text(self, path: Key, value: object, *, empty: bool = False) -> str:
        """A text to show, with French apostrophes however they were typed."""
        if isinstance(value, str) and (value.strip() or empty) and len(value) <= 500:
            return value.replace("'", "’")
        if value is not None:
            self.wrong(path, "un texte de 1 à 500 caractères est attendu.")
        return ""

    def code(self, path: Key, value: object) -> str:
        if isinstance(value, str) and CODE.fullmatch(value):
            return value
        if value is not None:
            self.wrong(path, f"{shown(value)}\u00a0: minuscules sans accent, chiffres, tiret et _ seulement.")
        return ""

    def choice(self, path: Key, value: object, known: tuple[str, ...]) -> str:
        if isinstance(value, str) and value in known:
            return str(value)
        if value is not None:
            self.wrong(path, f"valeur {shown(value)} inconnue\u00a0; attendu\u00a0: {', '.join(known)}.")
        return known[0]

    def flag(self, path: Key, value: object) -> bool:
        if isinstance(value, bool):
            return value
        self.wrong(path, f"{shown(value)}\u00a0: true ou false est attendu.")
        return False

    def integer(self, path: Key, value: object, *, minimum: int | None = None) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            if minimum is not None and value < minimum:
                self.wrong(path, f"{minimum} au moins est attendu.")
            return value
        if value is not None:
            self.wrong(path, f"{shown(value)}\u00a0: un nombre entier est attendu.")
        return 0

    def points(self, path: Key, value: object) -> Points:
        """An exact number, an int when it is whole."""
        if isinstance(value, int | Decimal) and not isinstance(value, bool) and -MOST <= value <= MOST:
            whole = int(value)
            return whole if whole == value else Decimal(value)
        if value is not None:
            self.wrong(path, f"{shown(value)}\u00a0: un nombre est attendu.")
        return 0

    def day(self, path: Key, value: object) -> date:
        day = parse_day(value)
        if day is not None:
            return day
        if value is not None:
            self.wrong(path, f"{shown(value)}\u00a0: une date AAAA-MM-JJ du calendrier est attendue.")
        return date(2000, 1, 1)

    def months(self, path: Key, value: object) -> int:
        """A duration P36M or P3Y, in months."""
        match = DURATION.fullmatch(value) if isinstance(value, str) else None
        months = int(match[1] or 0) * 12 + int(match[2] or 0) if match else 0
        if 0 < months <= 1200:
            return months
        sentence = "une durée de 1 à 1200 mois est attendue (P36M pour 36 mois, P3Y pour 3 ans)."
        self.wrong(path, f"{shown(value)}\u00a0: {sentence}")
        return 1

    def field(self, path: Key, value: object, catalogue: Mapping[str, Field], kinds: tuple[str, ...] = ()) -> Field:
        """A field of the closed catalogue, of one of `kinds`."""
        item = catalogue.get(value) if isinstance(value, str) else None
        if item is None:
            near = get_close_matches(str(value), catalogue, n=1)
            hint = f"vouliez-vous dire {shown(near[0])}\u202f?" if near else "il n’est pas au catalogue des faits."
            self.wrong(path, f"champ {shown(value)} inconnu\u00a0; {hint}")
            return NOWHERE
        if kinds and item.kind not in kinds:
            names = {"date": "une date", "code": "une liste de valeurs", "int": "un nombre", "decimal": "un nombre"}
            self.wrong(path, f"le champ {shown(value)} ne convient pas ici\u00a0: il faut {names[kinds[0]]}.")
        return item
