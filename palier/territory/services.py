"""Acts on the territory: loading its folder, all or nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from palier.common.actor import Actor
from palier.common.text import plural
from palier.journal import api as journal
from palier.law import api as law
from palier.territory.enums import Role
from palier.territory.files import Folder, PlaceBlock, parts
from palier.territory.models import Commune, Membership, Organisation, Place, Territory

WORDS = {
    "name": "nom",
    "short_name": "nom court",
    "department": "département",
    "accent": "couleur",
    "logo": "logo",
    "national_portal": "portail national",
    "website": "site",
    "contact": "contact",
    "phone": "téléphone",
    "email": "courriel",
    "demonstration": "démonstration",
    "postal_codes": "codes postaux",
    "population": "population",
    "column": "colonne",
    "row": "ligne",
    "kind": "genre",
    "organisation_id": "organisme",
    "commune_id": "commune",
    "level": "niveau",
    "locality": "localité",
    "address": "adresse",
    "hours": "horaires",
    "hours_note": "précision sur les horaires",
    "by_appointment": "sur rendez-vous",
    "note": "note",
    "source": "source",
    "ambiguity": "ambiguïté",
}


@transaction.atomic
def load(actor: Actor, folder: Folder, on: date, *, dry_run: bool = False) -> list[str]:
    """Make the database say what the folder says, and tell what changed, one French line each; [] when nothing did.

    What left the folder is closed on `on`. With `dry_run`, everything is tried and nothing is kept. The folder must
    have no problem; a part that still refuses raises FileProblems or Refusal and nothing is loaded.
    """
    if folder.territory is None:
        raise ValueError("read_folder found problems: this folder cannot be loaded")
    territory, changes = _territory(folder)
    changes += _communes(territory, folder, on)
    changes += _organisations(territory, folder, on)
    changes += _places(territory, folder, on)
    rows = [block.as_local_row() for block in folder.parameters]
    if count := law.set_local_values(territory.pk, rows):
        changes.append(f"~ valeurs propres au territoire\u00a0: {plural(count, 'ligne changée', 'lignes changées')}")
    for part in parts():
        if part.filename in folder.sources:
            changes += part.load(territory, folder.sources[part.filename], folder)
    if dry_run:
        transaction.set_rollback(True)
    elif changes:
        journal.record(actor, "territory.loaded", "territory", territory.pk, {"changes": changes})
    return changes


def grant(
    user_id: int, organisation: Organisation, place: Place | None, role: Role, since: date, until: date | None = None
) -> None:
    """Let a professional act for an organisation, at one of its places or none, between two days."""
    Membership.objects.create(
        user_id=user_id, organisation=organisation, place=place, role=role, since=since, until=until
    )


def _territory(folder: Folder) -> tuple[Territory, list[str]]:
    file = folder.territory
    assert file is not None
    values = {**file.model_dump(exclude={"siren", "contact"}), **file.contact.model_dump(), "logo": folder.logo}
    territory = Territory.objects.filter(siren=file.siren).first()
    if territory is None:
        return Territory.objects.create(siren=file.siren, **values), [f"+ territoire «\u00a0{file.name}\u00a0»"]
    return territory, _update(territory, f"territoire «\u00a0{file.name}\u00a0»", values)


def _communes(territory: Territory, folder: Folder, on: date) -> list[str]:
    wanted = {block.insee: block.model_dump(exclude={"insee"}) for block in folder.communes}
    return _synchronise(territory, Commune, "insee", "commune", wanted, on)


def _organisations(territory: Territory, folder: Folder, on: date) -> list[str]:
    wanted = {block.slug: {"name": block.name, "kind": block.kind.value} for block in folder.organisations}
    return _synchronise(territory, Organisation, "slug", "organisme", wanted, on)


def _places(territory: Territory, folder: Folder, on: date) -> list[str]:
    organisations = dict(Organisation.objects.filter(territory=territory).values_list("slug", "pk"))
    communes = dict(Commune.objects.filter(territory=territory).values_list("insee", "pk"))
    wanted = {
        place.slug: {
            **_place_values(place),
            "organisation_id": organisations[block.slug],
            "commune_id": communes[place.commune] if place.commune else None,
        }
        for block in folder.organisations
        for place in block.places
    }
    return _synchronise(territory, Place, "slug", "lieu", wanted, on)


def _place_values(block: PlaceBlock) -> dict[str, Any]:
    return {
        **block.model_dump(exclude={"slug", "level", "commune", "hours"}),
        "level": block.level or 0,
        "hours": [hours.model_dump(by_alias=True) for hours in block.hours],
    }


def _synchronise(
    territory: Territory,
    model: type[Commune] | type[Organisation] | type[Place],
    key: str,
    word: str,
    wanted: Mapping[str, Mapping[str, Any]],
    on: date,
) -> list[str]:
    """Create, change and reopen what the folder names; close the rest."""
    manager = model._default_manager
    stored = {getattr(row, key): row for row in manager.filter(territory=territory)}
    changes = []
    for code, values in wanted.items():
        label = f"{word} «\u00a0{values['name']}\u00a0» ({code})"
        row = stored.get(code)
        if row is None:
            manager.create(territory=territory, **{key: code}, **values)
            changes.append(f"+ {label}")
            continue
        if row.closed_on is not None:
            changes.append(f"~ {label}\u00a0: rouvert")
        changes += _update(row, label, {**values, "closed_on": None})
    for code, row in stored.items():
        if code not in wanted and row.closed_on is None:
            manager.filter(pk=row.pk).update(closed_on=on)
            changes.append(f"− {word} «\u00a0{row}\u00a0» ({code})\u00a0: fermé{_agents(row, on)}")
    return changes


def _update(row: Territory | Commune | Organisation | Place, label: str, values: Mapping[str, Any]) -> list[str]:
    """Write the values that differ: « ~ lieu « … » : téléphone « 03… » → « 03… » »."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return []
    lines = [
        f"~ {label}\u00a0: {WORDS[name]} {_words(name, getattr(row, name))} → {_words(name, value)}"
        for name, value in changed.items()
        if name in WORDS
    ]
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=[name.removesuffix("_id") for name in changed])
    return lines


def _words(name: str, value: Any) -> str:
    if value in ("", None, []):
        return "(rien)"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name == "logo":
        return f"de {plural(len(value), 'caractère', 'caractères')}"
    if name == "commune_id":
        value = Commune.objects.get(pk=value)
    if name == "organisation_id":
        value = Organisation.objects.get(pk=value)
    return f"«\u00a0{value}\u00a0»"


def _agents(row: Commune | Organisation | Place, on: date) -> str:
    """Who loses their desk when a place closes: it must be seen before saying yes."""
    if not isinstance(row, Place):
        return ""
    count = Membership.objects.filter(place=row, since__lte=on).exclude(until__lt=on).count()
    return f" ({plural(count, 'agent y travaille', 'agents y travaillent')})" if count else ""
