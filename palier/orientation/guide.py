"""Orientation files of a territory: rules in `orientation.yaml`, their tests in `orientation-exemples.yaml`.

Reads them, and says with file and line all that is wrong before anything is loaded.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from palier.common.text import normalise
from palier.common.yamlfile import FileProblems, Key, Problem, Source, validate
from palier.orientation import rules
from palier.orientation.rules import (
    COMMUNE,
    ELSEWHERE,
    PORTAL_SLUG,
    Badge,
    Guide,
    Near,
    Network,
    QuestionKind,
)

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
Optional = Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Several = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]
Condition = dict[str, Several]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChoiceBlock(_Block):
    code: Code
    label: Sentence = Field(alias="libelle")
    summary: Optional = Field("", alias="rappel")


class QuestionBlock(_Block):
    code: Code
    label: Sentence = Field(alias="libelle")
    kind: QuestionKind = Field(QuestionKind.ONE, alias="type")
    help: Optional = Field("", alias="aide")
    optional: bool = Field(False, alias="facultative")
    confidential: bool = Field(False, alias="confidentielle")
    choices: list[ChoiceBlock] = Field(default_factory=list, alias="choix")


class SelectionBlock(_Block):
    slugs: Several = Field(default_factory=list, alias="lieux")
    kinds: Several = Field(default_factory=list, alias="genre")
    level: int | None = Field(None, alias="niveau", ge=0, le=2)
    near: Near = Field(Near.ANYWHERE, alias="ou")
    count: int = Field(1, alias="nombre", ge=1, le=20)
    portal: bool = Field(False, alias="portail")


class RuleBlock(_Block):
    code: Code
    when: Condition = Field(default_factory=dict, alias="quand")
    unless: Condition = Field(default_factory=dict, alias="sauf")
    failing: Several = Field(default_factory=list, alias="a_defaut_de")
    propose: SelectionBlock
    badge: Badge
    why: Sentence = Field(alias="pourquoi")


class HelplineBlock(_Block):
    number: Sentence = Field(alias="numero")
    name: Sentence = Field(alias="nom")
    detail: Optional = ""
    when: Condition = Field(alias="quand")


class PortalBlock(_Block):
    name: Sentence = Field(alias="nom")
    detail: Sentence


class GuideFile(_Block):
    source: Optional = ""
    portal: PortalBlock = Field(alias="portail")
    questions: list[QuestionBlock] = Field(min_length=1, max_length=30)
    rules: list[RuleBlock] = Field(alias="regles", min_length=1, max_length=200)
    helplines: list[HelplineBlock] = Field(default_factory=list, alias="numeros", max_length=20)


class ExampleBlock(_Block):
    name: Sentence = Field(alias="nom")
    answers: Condition = Field(alias="reponses")
    expected: list[str] = Field(alias="attendu", min_length=1)


class ExamplesFile(_Block):
    examples: list[ExampleBlock] = Field(alias="exemples")


def read_guide(source: Source, network: Network, communes: Mapping[str, str], kinds: Sequence[str]) -> Guide:
    """The rules of the file. `communes`: INSEE code → name; `kinds`: kinds of place that exist.

    Raises FileProblems with all that is wrong.
    """
    file = validate(source, GuideFile)
    problems = list(_check(source, file, network, communes, kinds))
    if problems:
        raise FileProblems(problems)
    guide = build(file, communes)
    silent = [
        source.problem(
            ("regles", index),
            f"la règle «\u00a0{rule.code}\u00a0» ne parle jamais\u00a0: ses conditions se contredisent, "
            "ou les règles précédentes proposent déjà ses lieux.",
        )
        for index, rule in enumerate(guide.rules)
        if rules.never_speaks(rule, guide, network)
    ]
    if silent:
        raise FileProblems(silent)
    return guide


def check_examples(source: Source, guide: Guide, network: Network, communes: Mapping[str, str]) -> list[Problem]:
    """Plays each example; one problem for each that gives other places, or another order."""
    problems = []
    known = {spot.slug for spot in network.spots} | {PORTAL_SLUG}
    for index, example in enumerate(validate(source, ExamplesFile).examples):
        path: Key = ("exemples", index)
        wrong = list(_check_condition(source, (*path, "reponses"), example.answers, guide.questions, communes))
        wrong += [
            source.problem((*path, "attendu", position), f"lieu inconnu\u00a0: «\u00a0{slug}\u00a0».")
            for position, slug in enumerate(example.expected)
            if slug not in known
        ]
        problems += wrong
        if wrong:
            continue
        found = [advice.slug for advice in rules.advise(guide, network, codes(example.answers, communes))]
        if found != example.expected:
            sentence = f"attendu {', '.join(example.expected)}\u00a0; obtenu {', '.join(found)}."
            problems.append(source.problem((*path, "attendu"), f"«\u00a0{example.name}\u00a0»\u00a0: {sentence}"))
    return problems


def build(file: GuideFile, communes: Mapping[str, str]) -> Guide:
    """The checked file as the rules use it, communes written by INSEE code."""
    return Guide(
        questions=tuple(
            rules.Question(
                block.code,
                block.label,
                block.kind,
                block.help,
                tuple(rules.Choice(choice.code, choice.label, choice.summary) for choice in block.choices),
                block.optional,
                block.confidential,
            )
            for block in file.questions
        ),
        rules=tuple(
            rules.Rule(
                code=block.code,
                why=block.why,
                badge=block.badge,
                propose=rules.Selection(
                    tuple(block.propose.slugs),
                    frozenset(block.propose.kinds),
                    block.propose.level,
                    block.propose.near,
                    block.propose.count,
                    block.propose.portal,
                ),
                when=codes(block.when, communes),
                unless=codes(block.unless, communes),
                failing=tuple(block.failing),
            )
            for block in file.rules
        ),
        portal=rules.Portal(file.portal.name, file.portal.detail),
        helplines=tuple(
            rules.Helpline(block.number, block.name, block.detail, codes(block.when, communes))
            for block in file.helplines
        ),
        source=file.source,
    )


def _insee(name: str, communes: Mapping[str, str]) -> str | None:
    if name == ELSEWHERE:
        return ELSEWHERE
    wanted = normalise(name)
    return next((insee for insee, label in communes.items() if normalise(label) == wanted), None)


def codes(condition: Condition, communes: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Answers as the rules compare them: the commune by its INSEE code."""
    return {
        code: frozenset(_insee(value, communes) or value for value in values) if code == COMMUNE else frozenset(values)
        for code, values in condition.items()
    }


def _twice(source: Source, key: str, codes: Sequence[str]) -> Iterator[Problem]:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield source.problem((key, index, "code"), f"le code «\u00a0{code}\u00a0» est déjà pris.")


def _check_condition(
    source: Source,
    path: Key,
    condition: Condition,
    questions: Sequence[QuestionBlock] | Sequence[rules.Question],
    communes: Mapping[str, str],
) -> Iterator[Problem]:
    known = {question.code: question for question in questions}
    for code, values in condition.items():
        question = known.get(code)
        if question is None:
            yield source.problem((*path, code), f"question inconnue\u00a0: «\u00a0{code}\u00a0».")
            continue
        choices = {choice.code for choice in question.choices}
        for index, value in enumerate(values):
            if question.kind is QuestionKind.COMMUNE:
                if _insee(value, communes) is None:
                    yield source.problem((*path, code, index), f"commune inconnue\u00a0: «\u00a0{value}\u00a0».")
            elif value not in choices:
                yield source.problem(
                    (*path, code, index),
                    f"«\u00a0{value}\u00a0» n’est pas une réponse de la question «\u00a0{code}\u00a0».",
                )


def _check(
    source: Source, file: GuideFile, network: Network, communes: Mapping[str, str], kinds: Sequence[str]
) -> Iterator[Problem]:
    yield from _twice(source, "questions", [block.code for block in file.questions])
    yield from _twice(source, "regles", [block.code for block in file.rules])
    yield from _check_questions(source, file)
    slugs = {spot.slug for spot in network.spots}
    for index, rule in enumerate(file.rules):
        path: Key = ("regles", index)
        yield from _check_condition(source, (*path, "quand"), rule.when, file.questions, communes)
        yield from _check_condition(source, (*path, "sauf"), rule.unless, file.questions, communes)
        before = {earlier.code for earlier in file.rules[:index]}
        for code in rule.failing:
            if code not in before:
                yield source.problem(
                    (*path, "a_defaut_de"), f"«\u00a0{code}\u00a0» n’est pas une règle qui précède celle-ci."
                )
        yield from _check_selection(source, (*path, "propose"), rule.propose, slugs, kinds)
    for index, line in enumerate(file.helplines):
        yield from _check_condition(source, ("numeros", index, "quand"), line.when, file.questions, communes)


def _check_selection(
    source: Source, path: Key, propose: SelectionBlock, slugs: set[str], kinds: Sequence[str]
) -> Iterator[Problem]:
    for position, slug in enumerate(propose.slugs):
        if slug not in slugs:
            yield source.problem((*path, "lieux", position), f"lieu inconnu ou fermé\u00a0: «\u00a0{slug}\u00a0».")
    for position, kind in enumerate(propose.kinds):
        if kind not in kinds:
            yield source.problem(
                (*path, "genre", position),
                f"genre inconnu\u00a0: «\u00a0{kind}\u00a0»\u00a0; attendu\u00a0: {', '.join(kinds)}.",
            )
    chosen = propose.slugs or propose.kinds or propose.level is not None
    if propose.portal and (chosen or propose.near is not Near.ANYWHERE):
        yield source.problem(path, "«\u00a0portail\u00a0» s’écrit seul, sans autre critère.")
    if not propose.portal and not chosen:
        yield source.problem(path, "dites quels lieux proposer\u00a0: lieux, genre, niveau ou portail.")


def _check_questions(source: Source, file: GuideFile) -> Iterator[Problem]:
    used = {code for rule in file.rules for code in (*rule.when, *rule.unless)}
    used |= {code for line in file.helplines for code in line.when}
    if any(rule.propose.near is not Near.ANYWHERE for rule in file.rules):
        used.add(COMMUNE)
    for index, block in enumerate(file.questions):
        path: Key = ("questions", index)
        if (block.kind is QuestionKind.COMMUNE) != (block.code == COMMUNE):
            yield source.problem(
                path,
                "la question de la commune a le code «\u00a0commune\u00a0» et le type «\u00a0commune\u00a0».",
            )
        elif block.kind is QuestionKind.COMMUNE and block.choices:
            yield source.problem(
                (*path, "choix"), "les choix sont les communes du territoire\u00a0: retirez cette clé."
            )
        elif block.kind is not QuestionKind.COMMUNE and len(block.choices) < 2:
            yield source.problem(path, "une question demande au moins deux choix.")
        codes = [choice.code for choice in block.choices]
        for position, code in enumerate(codes):
            if code in codes[:position]:
                yield source.problem((*path, "choix", position), f"le code «\u00a0{code}\u00a0» est déjà pris.")
        if block.code not in used:
            yield source.problem(
                path, f"la question «\u00a0{block.code}\u00a0» ne sert à aucune règle\u00a0: ne la posez pas."
            )
