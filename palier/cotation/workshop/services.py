"""Acts on a draft: one function, one transaction, one journal entry. A draft changes no score.

Whoever saves a text says which revision they had read; whoever saves one block by its form says which block. What was
there before is kept, so that any change can be taken back.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import Http404

from palier.common import yamlfile
from palier.common.actor import Actor
from palier.common.errors import Conflict, Refusal
from palier.common.text import number_fr
from palier.common.yamlfile import FileProblems
from palier.cotation.language import FORMAT, GRID
from palier.cotation.models import DraftRevision, GridDraft, GridVersion
from palier.cotation.workshop import blocks
from palier.cotation.workshop.access import get_draft, get_version, visible_versions
from palier.cotation.workshop.selectors import MOST_CHARACTERS
from palier.journal import api as journal
from palier.territory.api import Right, Territory, visible_communes

KEPT_REVISIONS = 50
CHANGED = (
    "Quelqu’un a changé ce brouillon pendant que vous l’écriviez. Rien n’est perdu\u00a0: comparez, puis enregistrez."
)
ORDER = tuple(GRID)
BLANK = """# Une grille neuve : ajoutez des familles, puis des critères. Le contrôle dit ce que la loi demande encore.
format: {format}
id: {id}
version: {version}
titre: "Grille de cotation"
territoire:
  type: epci
  code: "{code}"
  communes: [{communes}]
acte: {{reference: "Délibération à voter", date: {day}}}
effet: {{du: {day}}}
publics: [primo, mutation]
familles: []
criteres: []
departage: [points_desc, date_depot_asc, numero_unique_asc]
information: {{analogues_par: [typologie, commune_souhaitee], effectif_min: 11}}
"""


def copy_version(actor: Actor, version_pk: int, title: str) -> GridDraft:
    """A draft that starts from a version, with the next number; its comments and its examples come along."""
    version = get_version(actor, version_pk)
    taken = visible_versions(actor).filter(grid=version.grid).aggregate(top=Max("version"))["top"]
    source = blocks.set_key(version.source, "version", taken + 1, ORDER)
    return _create(actor, title, source, version.examples, version)


def blank_draft(actor: Actor, title: str, on: date) -> GridDraft:
    """A draft with nothing but what every grid of this territory holds."""
    territory = Territory.objects.filter(pk=actor.territory_id or 0).first()
    if territory is None:
        raise Http404
    taken = visible_versions(actor).aggregate(top=Max("version"))["top"] or 0
    codes = ", ".join(f'"{commune.insee}"' for commune in visible_communes(territory.pk))
    source = BLANK.format(
        format=FORMAT,
        id=f"grille-{territory.siren}",
        version=taken + 1,
        code=territory.siren,
        communes=codes,
        day=on.isoformat(),
    )
    return _create(actor, title, source, "", None)


def paste_draft(actor: Actor, title: str, source: str) -> GridDraft:
    """A draft that is the text of a file, right or wrong."""
    return _create(actor, title, source, "", None)


def _create(actor: Actor, title: str, source: str, examples: str, based_on: GridVersion | None) -> GridDraft:
    if not actor.may(Right.PREPARE_GRID) or actor.territory_id is None or actor.user_id is None:
        raise Http404
    with transaction.atomic():
        draft = GridDraft.objects.create(
            territory_id=actor.territory_id,
            title=title,
            source=tidy(source),
            examples=tidy(examples),
            based_on=based_on,
            created_by_id=actor.user_id,
            updated_by_id=actor.user_id,
        )
        data = {"version": based_on.version} if based_on else None
        journal.record(actor, "grid_draft.created", "grid_draft", draft.pk, data)
    return draft


def tidy(text: str) -> str:
    """The text as it is kept: Unix line breaks, no NUL, a last line break. Raises Refusal above the limit."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").removeprefix("\ufeff")
    if len(text) > MOST_CHARACTERS:
        sentence = (
            f"Ce texte est trop long\u00a0: {number_fr(len(text))} caractères, {number_fr(MOST_CHARACTERS)} au plus."
        )
        raise Refusal(sentence, "texte")
    text = text.rstrip()
    return f"{text}\n" if text else ""


def save_text(actor: Actor, pk: int, part: str, text: str, revision: int) -> GridDraft:
    """Keep the text of the grid or of the examples, right or wrong. Conflict when another revision was saved."""
    text = tidy(text)
    return _change(actor, pk, lambda _: text, part, revision=revision)


def save_item(actor: Actor, pk: int, part: str, number: int | None, base: str, value: Mapping[str, Any]) -> GridDraft:
    """Write one item of a list (a criterion, a family, an example…) or, without `number`, add it.

    `base` is the `mark` of the item as it was read: Conflict when it is not what is there now.
    """

    def change(draft: GridDraft) -> str:
        text = _text(draft, part)
        if number is None:
            return blocks.add_item(text, part, value) if text else f"{part}:\n  - {blocks.flow(value)}\n"
        _same(item_of(text, part, number), base)
        return blocks.replace_item(text, part, number, value)

    return _change(actor, pk, change, part)


def remove_item(actor: Actor, pk: int, part: str, number: int, base: str) -> GridDraft:
    """Take one item out of its list. Conflict when it is no longer there."""

    def change(draft: GridDraft) -> str:
        text = _text(draft, part)
        item = item_of(text, part, number)
        _same(item, base)
        criteria = root_of(text).get("criteres") if part == "familles" else None
        if isinstance(criteria, list) and any(
            isinstance(c, dict) and c.get("famille") == item.get("id") for c in criteria
        ):
            raise Refusal("Cette famille a encore des critères\u00a0: donnez-leur une autre famille, ou supprimez-les.")
        return blocks.remove_item(text, part, number)

    return _change(actor, pk, change, part)


def swap_items(actor: Actor, pk: int, part: str, one: int, other: int, revision: int) -> GridDraft:
    """Put two items of a list in each other's place."""
    return _change(actor, pk, lambda d: blocks.swap_items(_text(d, part), part, one, other), part, revision=revision)


def save_keys(actor: Actor, pk: int, base: str, values: Mapping[str, Any], *, part: str = "reglages") -> GridDraft:
    """Set keys of the first level of the grid; None takes one out. `base` is the `mark` of those keys as read."""

    def change(draft: GridDraft) -> str:
        text = draft.source
        current = root_of(text)
        _same({key: current.get(key) for key in sorted(values)}, base)
        for key, value in values.items():
            if blocks.flow(current.get(key)) != blocks.flow(value):
                text = blocks.set_key(text, key, value, ORDER)
        return text

    return _change(actor, pk, change, part)


def restore(actor: Actor, pk: int, wanted: int, revision: int) -> GridDraft:
    """Bring back what the draft said at an earlier revision. What it says now is kept like any other."""
    with transaction.atomic():
        draft = get_draft(actor, pk, lock=True)
        old = DraftRevision.objects.filter(draft=draft, revision=wanted).first()
        if old is None:
            raise Http404
        _check(draft, revision)
        return _write(actor, draft, old.source, old.examples, "grid_draft.restored", {"revision": wanted})


def archive(actor: Actor, pk: int, archived: bool) -> GridDraft:
    """Put a draft away, or take it out again. Nothing is deleted."""
    with transaction.atomic():
        draft = get_draft(actor, pk, lock=True)
        if draft.archived != archived:
            draft.archived = archived
            draft.save(update_fields=["archived"])
            action = "grid_draft.archived" if archived else "grid_draft.reopened"
            journal.record(actor, action, "grid_draft", draft.pk)
    return draft


def mark(value: Any) -> str:
    """A short mark of a block as it was read, to know whether somebody changed it since."""
    return hashlib.sha256(blocks.flow(value).encode()).hexdigest()[:16]


def root_of(text: str) -> dict[str, Any]:
    """The first level of a text. Raises Refusal when it cannot be read."""
    try:
        value = yamlfile.parse(text, "grille.yaml").value
    except FileProblems as error:
        raise Refusal(f"Le texte ne se lit pas\u00a0: {error.problems[0].sentence} Passez par le texte.") from error
    if not isinstance(value, dict):
        raise Refusal(blocks.ELSEWISE)
    return value


def item_of(text: str, part: str, number: int) -> dict[str, Any]:
    """One item of a list of the first level. 404 when it is not there."""
    items = root_of(text).get(part)
    if not isinstance(items, list) or not 0 <= number < len(items) or not isinstance(items[number], dict):
        raise Http404
    return dict(items[number])


def _text(draft: GridDraft, part: str) -> str:
    return draft.examples if part == "exemples" else draft.source


def _same(stored: Any, base: str) -> None:
    if mark(stored) != base:
        raise Conflict(CHANGED, stored)


def _check(draft: GridDraft, revision: int) -> None:
    if draft.revision != revision:
        raise Conflict(CHANGED, draft)


def _change(
    actor: Actor,
    pk: int,
    change: Callable[[GridDraft], str],
    part: str,
    *,
    revision: int | None = None,
) -> GridDraft:
    """Lock, change one of the two texts, keep what was there, write it down. Nothing when nothing changes."""
    with transaction.atomic():
        draft = get_draft(actor, pk, lock=True)
        if revision is not None:
            _check(draft, revision)
        new = tidy(change(draft))
        source, examples = (draft.source, new) if part == "exemples" else (new, draft.examples)
        return _write(actor, draft, source, examples, "grid_draft.saved", {"part": part})


def _write(
    actor: Actor, draft: GridDraft, source: str, examples: str, action: str, data: Mapping[str, Any]
) -> GridDraft:
    if (source, examples) == (draft.source, draft.examples) or actor.user_id is None:
        return draft
    DraftRevision.objects.create(
        draft=draft,
        revision=draft.revision,
        source=draft.source,
        examples=draft.examples,
        saved_by_id=draft.updated_by_id,
        saved_at=draft.updated_at,
    )
    DraftRevision.objects.filter(draft=draft, revision__lte=draft.revision - KEPT_REVISIONS).delete()
    draft.source, draft.examples = source, examples
    draft.revision += 1
    draft.updated_by_id = actor.user_id
    draft.save(update_fields=["source", "examples", "revision", "updated_by", "updated_at"])
    journal.record(actor, action, "grid_draft", draft.pk, {"revision": draft.revision, **data})
    return draft
