"""What can be owed. Contexts register their kinds when the program starts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from palier.common.text import date_fr


@dataclass(frozen=True)
class DutyKind:
    """One kind of duty and its French words.

    `title`, `before` (said until the due date) and `missed` (what happens once it has passed) may hold `{since}`
    and `{due}`, written as « 21 octobre 2026 ». `verb` names the action. Both addresses are built from the
    subject's number. `void` lists the outcomes that mean nothing was owed after all: not counted in compliance.
    """

    code: str
    title: str
    before: str
    missed: str
    verb: str
    subject_url: Callable[[int], str]
    action_url: Callable[[int], str]
    void: frozenset[str] = frozenset()

    def words(self, sentence: str, since: date, due: date) -> str:
        """A sentence with its dates."""
        return sentence.format(since=date_fr(since), due=date_fr(due))


_kinds: dict[str, DutyKind] = {}


def register_kind(kind: DutyKind) -> None:
    """Register a kind. Raises ValueError for a code taken by another, or a placeholder that has no meaning."""
    for sentence in (kind.title, kind.before, kind.missed):
        try:
            kind.words(sentence, date.min, date.max)
        except (KeyError, IndexError) as error:
            raise ValueError(f"{kind.code}: unknown placeholder {error}") from error
    if _kinds.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"{kind.code} is registered twice")


def kind_of(code: str) -> DutyKind:
    """A registered kind, or KeyError."""
    return _kinds[code]


def kinds() -> list[DutyKind]:
    """Every registered kind."""
    return list(_kinds.values())
