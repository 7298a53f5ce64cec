"""Invented names with a long tail, as surnames have: a few are everywhere, most are rare. Drawn from a seed."""

from bisect import bisect
from itertools import accumulate
from random import Random

_STARTS = ("B", "Br", "C", "Ch", "D", "F", "G", "Gr", "H", "J", "L", "M", "N", "P", "R", "S", "T", "V", "W", "K")
_MIDDLES = ("a", "e", "i", "o", "u", "ou", "au", "é", "ai", "eau", "ie")
_JOINS = ("l", "m", "n", "r", "s", "t", "ll", "nn", "rt", "nd", "v", "c", "b", "d", "rd", "x")
_ENDS = ("ard", "et", "ier", "ot", "eau", "in", "on", "ois", "el", "ault", "ez", "ski", "ova", "i", "y", "as")


class Names:
    """`size` distinct surnames, an eighth as many first names; a name of rank r is drawn about 1/r times as often."""

    def __init__(self, size: int, seed: int = 7) -> None:
        self.random = Random(seed)
        self.surnames = self._invent(size)
        self.first_names = self._invent(max(size // 8, 50))
        self._surnames = list(accumulate(1 / (rank + 8) for rank in range(len(self.surnames))))
        self._first_names = list(accumulate(1 / (rank + 4) for rank in range(len(self.first_names))))

    def surname(self) -> str:
        return self.surnames[bisect(self._surnames, self.random.random() * self._surnames[-1])]

    def first_name(self) -> str:
        return self.first_names[bisect(self._first_names, self.random.random() * self._first_names[-1])]

    def _invent(self, size: int) -> list[str]:
        draw = self.random.choice
        found: dict[str, None] = {}
        while len(found) < size:
            syllables = "".join(draw(_MIDDLES) + draw(_JOINS) for _ in range(draw((1, 1, 2, 2, 3))))
            found[draw(_STARTS) + syllables + draw(_ENDS)] = None
        return list(found)


def with_a_slip(word: str, random: Random) -> str:
    """The word with one letter changed, dropped, doubled or swapped with its neighbour."""
    at = random.randrange(1, max(len(word) - 1, 2))
    return random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at : at + 1] + word[at:],
            word[: at - 1] + word[at : at + 1] + word[at - 1 : at] + word[at + 1 :],
            word[:at] + random.choice("aeilnrst") + word[at + 1 :],
        )
    )
