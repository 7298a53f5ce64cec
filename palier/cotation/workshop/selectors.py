"""What the pages of drafts and versions show. The text of a draft may be wrong: it is read, and told, not trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from palier.common import yamlfile
from palier.common.actor import Actor
from palier.common.text import date_fr, number_fr
from palier.common.yamlfile import FileProblems, Problem
from palier.cotation import grid as g
from palier.cotation import words
from palier.cotation.changes import grid_changes
from palier.cotation.control import ERROR, Finding, control
from palier.cotation.engine import CompiledGrid, compile_grid
from palier.cotation.grammar import read_grid
from palier.cotation.models import DraftRevision, GridDraft, GridVersion
from palier.cotation.trials import Example, Gap, gaps, read_examples
from palier.cotation.workshop.access import visible_drafts, visible_versions
from palier.cotation.workshop.reading import CriterionWords, FamilyWords, GridWords, in_words

GRID, EXAMPLES = "grille.yaml", "grille-exemples.yaml"
MOST_CHARACTERS = 500_000
MOST_SHOWN = 100
MOST_LISTED = 300


@dataclass(frozen=True)
class Played:
    """One example and what the grid does not give as it expects; right when there is no gap."""

    number: int
    example: Example
    gaps: tuple[str, ...]

    @property
    def rank(self) -> int:
        """Its place from 1, as addresses have it."""
        return self.number + 1


@dataclass(frozen=True)
class Findings:
    """All that is known of a draft: `errors` keep it from being voted, `warnings` do not.

    `examples` are played when both texts can be read; `example_problems` says why they cannot. `grid` and `compiled`
    are None while the grid cannot be read.
    """

    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    examples: tuple[Played, ...] = ()
    example_problems: tuple[Problem, ...] = ()
    grid: g.Grid | None = None
    compiled: CompiledGrid | None = None

    @property
    def wrong_examples(self) -> tuple[Played, ...]:
        return tuple(item for item in self.examples if item.gaps)

    @property
    def blocking(self) -> int:
        """How many things keep a text from being read or voted."""
        return len(self.errors) + len(self.example_problems)

    @property
    def ready(self) -> bool:
        """Whether nothing keeps the grid from being proposed to the assembly."""
        return self.grid is not None and not (self.errors or self.wrong_examples or self.example_problems)


def findings(draft: GridDraft) -> Findings:
    """The control of a draft's grid, its examples played, and a version number already taken; one query at most."""
    found = check_texts(draft.source, draft.examples)
    grid = found.grid
    if grid is None:
        return found
    taken = GridVersion.objects.filter(territory_id=draft.territory_id, grid=grid.id, version=grid.version)
    if not taken.exists():
        return found
    sentence = f"la version {grid.version} existe déjà\u00a0: donnez le numéro suivant."
    problem = yamlfile.parse(draft.source, GRID).problem(("version",), sentence)
    return replace(found, errors=(*found.errors, Finding(ERROR, "version", problem)))


@lru_cache(maxsize=16)
def check_texts(source: str, examples: str) -> Findings:
    """The two texts of a draft, read and controlled. Pure; the last ones are remembered."""
    for text, name in ((source, GRID), (examples, EXAMPLES)):
        if len(text) > MOST_CHARACTERS:
            sentence = (
                f"texte trop long\u00a0: {number_fr(len(text))} caractères, {number_fr(MOST_CHARACTERS)} au plus."
            )
            return Findings(errors=(Finding(ERROR, "lecture", Problem(name, 1, "", sentence)),))
    try:
        parsed = yamlfile.parse(source, GRID)
        grid = read_grid(parsed)
    except FileProblems as error:
        return Findings(errors=tuple(Finding(ERROR, "lecture", problem) for problem in error.problems))
    found = control(grid, parsed)
    errors = tuple(item for item in found if item.level == ERROR)
    warnings = tuple(item for item in found if item.level != ERROR)
    compiled = compile_grid(grid)
    try:
        played = _play(examples, compiled)
    except FileProblems as error:
        return Findings(errors, warnings, (), tuple(error.problems), grid, compiled)
    return Findings(errors, warnings, played, (), grid, compiled)


def _play(examples: str, compiled: CompiledGrid) -> tuple[Played, ...]:
    if not examples.strip():
        return ()
    read = read_examples(yamlfile.parse(examples, EXAMPLES))
    wrong: dict[str, list[str]] = {}
    for gap in gaps(compiled, read):
        wrong.setdefault(gap.example, []).append(_named(gap, compiled.grid))
    return tuple(Played(index, item, tuple(wrong.get(item.name, ()))) for index, item in enumerate(read))


def _named(gap: Gap, grid: g.Grid) -> str:
    """The sentence of a gap with the name of its criterion or family instead of its short name."""
    table, code = (str(part) for part in gap.path[-2:])
    names = {"criteres": {item.id: item.label for item in grid.criteria}}
    names["familles"] = {item.id: f"famille {item.label}" for item in grid.families}
    said = gap.sentence.replace(f"{table}, {code}", names.get(table, {}).get(code, f"{table}, {code}"), 1)
    return said[:1].upper() + said[1:]


@dataclass(frozen=True)
class IndexPage:
    """The grids of a territory: in force, to come, past, and the drafts."""

    current: GridVersion | None
    coming: Sequence[GridVersion]
    past: Sequence[GridVersion]
    drafts: Sequence[GridDraft]
    archived: Sequence[GridDraft]


def index_page(actor: Actor, on: date) -> IndexPage:
    """Two queries: versions and drafts, without their texts."""
    versions = list(visible_versions(actor).defer("source", "examples").order_by("-effective_from", "-pk"))
    past = [item for item in versions if item.effective_to is not None and item.effective_to < on]
    coming = [item for item in versions if item.effective_from > on]
    current = next((item for item in versions if item not in past and item not in coming), None)
    drafts = list(
        visible_drafts(actor)
        .defer("source", "examples")
        .select_related("updated_by")
        .order_by("archived", "-updated_at")[:MOST_SHOWN]
    )
    return IndexPage(current, coming, past, [d for d in drafts if not d.archived], [d for d in drafts if d.archived])


@dataclass(frozen=True)
class CriterionRow:
    """A criterion of a draft as its text has it, even where the grid cannot be read; `words` when it can.

    `up` and `down` are the places in the file of its neighbours of the same family.
    """

    number: int
    label: str
    words: CriterionWords | None
    up: int | None
    down: int | None

    @property
    def rank(self) -> int:
        """Its place from 1, as addresses have it."""
        return self.number + 1


@dataclass(frozen=True)
class FamilyRow:
    """A family of a draft; `number` is None for the criteria whose family is not in the text."""

    number: int | None
    label: str
    words: FamilyWords | None
    criteria: Sequence[CriterionRow]

    @property
    def rank(self) -> int:
        """Its place from 1, as addresses have it."""
        return 0 if self.number is None else self.number + 1


def outline(text: str, grid: g.Grid | None) -> Sequence[FamilyRow] | None:
    """The families and criteria of a text, None when it is not even YAML with these lists.

    A list longer than MOST_LISTED stops there: the text has the rest.
    """
    try:
        root = yamlfile.parse(text, GRID).value
    except FileProblems:
        return None
    if not isinstance(root, dict):
        return None
    families, criteria = (_blocks(root.get(key)) for key in ("familles", "criteres"))
    known = in_words(grid).families if grid else ()
    said = {item.number: item for family in known for item in family.criteria}
    grouped: dict[str, list[int]] = {str(family.get("id")): [] for _, family in families}
    lost: list[int] = []
    labels = {number: str(item.get("libelle") or item.get("id") or "Sans nom") for number, item in criteria}
    for number, item in criteria:
        grouped.get(str(item.get("famille")), lost).append(number)
    rows = [
        FamilyRow(
            number,
            str(family.get("libelle") or family.get("id") or "Sans nom"),
            known[number] if known else None,
            _criterion_rows(grouped[str(family.get("id"))], labels, said),
        )
        for number, family in families
    ]
    if lost:
        rows.append(FamilyRow(None, "Critères sans famille", None, _criterion_rows(lost, labels, said)))
    return rows


def _blocks(value: object) -> list[tuple[int, dict[str, Any]]]:
    items = value if isinstance(value, list) else []
    return [(number, item) for number, item in enumerate(items[:MOST_LISTED]) if isinstance(item, dict)]


def _criterion_rows(
    numbers: Sequence[int], labels: dict[int, str], said: dict[int, CriterionWords]
) -> Sequence[CriterionRow]:
    return [
        CriterionRow(
            number,
            labels[number],
            said.get(number),
            numbers[at - 1] if at else None,
            numbers[at + 1] if at + 1 < len(numbers) else None,
        )
        for at, number in enumerate(numbers)
    ]


def settings_rows(grid: g.Grid | None) -> Sequence[tuple[str, str, str]]:
    """The settings that have a form: code, name, what they say now (empty while the grid cannot be read)."""
    if grid is None:
        return [("acte", "Acte, dates et total", ""), ("refus", "Effets d’un refus", ""), _INFORMATION]
    said = in_words(grid)
    act = f"{grid.title}, version {grid.version}. {words.sentence(grid.act_reference)[:-1]}"
    act += f", effet le {date_fr(grid.effective_from)}."
    refusals = " ".join(said.refusals) or "Aucun effet."
    evaluation = said.evaluation or "Évaluation à dire."
    return [
        ("acte", "Acte, dates et total", act),
        ("refus", "Effets d’un refus", refusals),
        (*_INFORMATION[:2], f"Analogues\u00a0: {said.analogous or 'rien'}. {evaluation}"),
    ]


_INFORMATION = ("information", "Information et évaluation", "")


def rule_rows(text: str, grid: g.Grid | None) -> Sequence[tuple[str, str, Sequence[tuple[int, str, str]]]]:
    """The rules above the points: part, title, and each with its place from 1, its name, its condition in words."""
    try:
        root = yamlfile.parse(text, GRID).value
    except FileProblems:
        return ()
    root = root if isinstance(root, dict) else {}
    said_ranks = in_words(grid).ranks if grid else ()
    ranks = [(f"Rang {rank}", sentence) for rank, sentence in said_ranks]
    outside = in_words(grid).outside if grid else []
    found = []
    for part, title, said in (
        ("rang_absolu", "Avant tous les points", ranks),
        ("hors_cotation", "Hors cotation", outside),
    ):
        items = _blocks(root.get(part))
        names = [(number + 1, str(item.get("motif") or item.get("id")), "") for number, item in items]
        found.append((part, title, [(n, *said[n - 1]) if said else (n, name, why) for n, name, why in names]))
    return found


def revisions(draft: GridDraft, most: int = 10) -> Sequence[DraftRevision]:
    """What the draft said before, last first, without the texts."""
    rows = DraftRevision.objects.filter(draft=draft).defer("source", "examples").select_related("saved_by")
    return list(rows.order_by("-revision")[:most])


@dataclass(frozen=True)
class PublicPage:
    """What anyone reads: one version in words, and every version with what it changed."""

    version: GridVersion
    words: GridWords
    current: bool
    history: Sequence[tuple[GridVersion, Sequence[str]]]


def public_page(territory_id: int, on: date, wanted: str) -> PublicPage | None:
    """The grid in force or, when `wanted` is the key of a version of this territory, that one. One query.

    None when there is none: drafts are never public.
    """
    versions = list(GridVersion.objects.filter(territory_id=territory_id).order_by("effective_from"))
    current = next((item for item in versions if holds(item, on)), None)
    shown = next((item for item in versions if str(item.pk) == wanted), None) if wanted else current
    if shown is None:
        return None
    history = [
        (item, grid_changes(versions[index - 1].compiled.grid, item.compiled.grid) if index else [])
        for index, item in enumerate(versions)
    ]
    return PublicPage(shown, in_words(shown.compiled.grid), shown == current, history[::-1])


def holds(version: GridVersion, on: date) -> bool:
    """Whether a version is in force on a day."""
    return version.effective_from <= on and (version.effective_to is None or version.effective_to >= on)
