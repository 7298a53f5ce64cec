"""Where to send a person, and why: pure functions over the rules a territory voted.

Source: article 3 of the convention of the reception network (R441-2-10, 1° and 7°, and R441-2-16 of the
code de la construction et de l'habitation). Nothing here reads a clock, a database or a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

PORTAL_SLUG = "portail-national"
COMMUNE = "commune"
ELSEWHERE = "ailleurs"
"""Answer to the commune question of a person who lives outside the territory."""

Answers = Mapping[str, frozenset[str]]
"""Codes chosen for each question; a question left out was not answered."""


class QuestionKind(StrEnum):
    COMMUNE = "commune"
    ONE = "un-choix"
    MANY = "plusieurs-choix"


class Near(StrEnum):
    """Which places of the network a rule looks at, from the commune where the person lives."""

    HOME = "ma-commune"
    NEAREST = "au-plus-proche"
    ANYWHERE = "partout"


class Badge(StrEnum):
    FIRST = "en-premier"
    REGISTER = "enregistrer"
    UPDATE = "mettre-a-jour"
    REMOTE = "sans-deplacer"
    ALSO = "aussi"

    @property
    def label(self) -> str:
        return _BADGES[self]


_BADGES = {
    Badge.FIRST: "En premier",
    Badge.REGISTER: "Pour enregistrer la demande",
    Badge.UPDATE: "Pour mettre à jour la demande",
    Badge.REMOTE: "Sans vous déplacer",
    Badge.ALSO: "Peut aussi vous aider",
}


@dataclass(frozen=True)
class Choice:
    code: str
    label: str
    summary: str = ""
    """How the answer is told back: « vous avez entre 18 et 30 ans ». Empty: not told back."""


@dataclass(frozen=True)
class Question:
    code: str
    label: str
    kind: QuestionKind
    help: str = ""
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    confidential: bool = False
    """Never told back on the page, never printed, never counted: a third person may look at the screen."""


@dataclass(frozen=True)
class Selection:
    """Which places a rule gives. All criteria must hold; an empty criterion accepts every place."""

    slugs: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    level: int | None = None
    near: Near = Near.ANYWHERE
    count: int = 1
    portal: bool = False


@dataclass(frozen=True)
class Rule:
    code: str
    why: str
    badge: Badge
    propose: Selection
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Every question listed must have at least one of its listed answers."""
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The rule is silent as soon as one question listed has one of its listed answers."""
    failing: tuple[str, ...] = ()
    """Codes of earlier rules: this one speaks only when none of them gave a place."""


@dataclass(frozen=True)
class Helpline:
    number: str
    name: str
    detail: str
    when: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Portal:
    """The national web site where a person registers the demand alone."""

    name: str
    detail: str


@dataclass(frozen=True)
class Guide:
    """Questions and rules of one territory, in the order they are asked and tried."""

    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    portal: Portal
    helplines: tuple[Helpline, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Spot:
    """What the rules need to know of a place. `insee` is None for a place outside the territory."""

    slug: str
    kind: str
    level: int
    insee: str | None = None


@dataclass(frozen=True)
class Network:
    """Open places, and the communes of the territory on the schematic map."""

    spots: tuple[Spot, ...]
    positions: Mapping[str, tuple[int, int]]
    """INSEE code of each commune → (column, row)."""

    def distance(self, home: str | None, spot: Spot) -> int:
        """Squared distance in tiles; unknown ends are farther than any tile of the map."""
        here = self.positions.get(home or "")
        there = self.positions.get(spot.insee or "")
        if here is None or there is None:
            return 10**9
        return (here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2


@dataclass(frozen=True)
class Advice:
    """One place to go, from the most to the least useful. `slug` is PORTAL_SLUG for the national portal."""

    rank: int
    slug: str
    badge: Badge
    why: str
    does: str
    registers: bool
    rule: str


FALLBACK_WHY = "Vous pouvez enregistrer votre demande en ligne, à toute heure, sans rendez-vous."
INFORMS = "Ce lieu vous informe et vous oriente. Il n’enregistre pas les demandes."
REGISTERS = "Ce lieu vous informe et enregistre votre demande."
PARTNER = "Ce lieu accompagne certaines personnes. Il n’enregistre pas les demandes."
ONLINE = "Vous enregistrez vous-même votre demande en ligne."


def does(level: int) -> str:
    """What a place of this level does, told to the person (convention, article 3)."""
    return {1: INFORMS, 2: REGISTERS}.get(level, PARTNER)


def matches(wanted: Mapping[str, frozenset[str]], answers: Answers) -> bool:
    """True when each question wanted has at least one of the answers wanted."""
    return all(answers.get(code, frozenset()) & codes for code, codes in wanted.items())


def applies(rule: Rule, answers: Answers) -> bool:
    spoken = any(answers.get(code, frozenset()) & codes for code, codes in rule.unless.items())
    return matches(rule.when, answers) and not spoken


def candidates(selection: Selection, network: Network, home: str | None) -> list[Spot]:
    """Places the selection accepts: nearest first when it asks so, in its own order when it names them.

    Ties are cut by the short name, so that every database gives the same answer.
    """
    found = [
        spot
        for spot in network.spots
        if (not selection.slugs or spot.slug in selection.slugs)
        and (not selection.kinds or spot.kind in selection.kinds)
        and (selection.level is None or spot.level == selection.level)
        and (selection.near is not Near.HOME or (home is not None and spot.insee == home))
    ]
    found.sort(key=lambda spot: spot.slug)
    if selection.near is Near.NEAREST:
        found.sort(key=lambda spot: network.distance(home, spot))
    elif selection.slugs:
        found.sort(key=lambda spot: selection.slugs.index(spot.slug))
    return found


def advise(guide: Guide, network: Network, answers: Answers) -> list[Advice]:
    """Places where to go, in order. Never empty: one of them always registers, were it the portal alone."""
    given = _run([rule for rule in guide.rules if applies(rule, answers)], network, _home(answers))
    if not any(advice.registers for advice in given):
        given.append(_portal(len(given) + 1, FALLBACK_WHY, Badge.REMOTE, rule=""))
    return given


def helplines(guide: Guide, answers: Answers) -> list[Helpline]:
    return [line for line in guide.helplines if matches(line.when, answers)]


def never_speaks(rule: Rule, guide: Guide, network: Network) -> bool:
    """True when no answer whatever can make this rule give a place it could give: it is dead text in the file.

    Only the earlier rules that must apply whenever this one does are played before it; the others can
    only take more places away, so a rule found silent here is silent always. A rule that waits for a place
    the network does not have yet is not dead.
    """
    if any(codes <= rule.unless.get(code, frozenset()) for code, codes in rule.when.items()):
        return True
    homes = rule.when.get(COMMUNE) or frozenset({*network.positions, ELSEWHERE})
    if not rule.propose.portal and not any(candidates(rule.propose, network, home) for home in homes):
        return False
    before = guide.rules[: guide.rules.index(rule)]
    certain = [earlier for earlier in before if _implied(earlier, rule)]
    return not any(advice.rule == rule.code for home in homes for advice in _run([*certain, rule], network, home))


def _implied(earlier: Rule, rule: Rule) -> bool:
    return all(code in rule.when and rule.when[code] <= codes for code, codes in earlier.when.items()) and all(
        codes <= rule.unless.get(code, frozenset()) for code, codes in earlier.unless.items()
    )


def _run(rules: Sequence[Rule], network: Network, home: str | None) -> list[Advice]:
    given: list[Advice] = []
    for rule in rules:
        if any(advice.rule in rule.failing for advice in given):
            continue
        taken = {advice.slug for advice in given}
        if rule.propose.portal:
            if PORTAL_SLUG not in taken:
                given.append(_portal(len(given) + 1, rule.why, rule.badge, rule.code))
            continue
        for spot in candidates(rule.propose, network, home)[: rule.propose.count]:
            if spot.slug in taken:
                continue
            first = rule.badge is Badge.FIRST and not given
            badge = Badge.ALSO if rule.badge is Badge.FIRST and not first else rule.badge
            given.append(
                Advice(len(given) + 1, spot.slug, badge, rule.why, does(spot.level), spot.level == 2, rule.code)
            )
    return given


def _portal(rank: int, why: str, badge: Badge, rule: str) -> Advice:
    return Advice(rank, PORTAL_SLUG, badge, why, ONLINE, registers=True, rule=rule)


def _home(answers: Answers) -> str | None:
    return next(iter(answers.get(COMMUNE, frozenset())), None)
