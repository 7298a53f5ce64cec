"""Plugs `orientation.yaml` and its examples into the folder of a territory."""

from collections.abc import Iterable

from palier.common.yamlfile import FileProblems, Problem, Source
from palier.orientation.guide import check_examples, read_guide
from palier.orientation.models import GuideText
from palier.orientation.rules import Network, Spot
from palier.orientation.selectors import DEFAULT_GUIDE
from palier.territory.api import Folder, OrganisationKind, Part, Territory, register_part

RULES, EXAMPLES = "orientation.yaml", "orientation-exemples.yaml"


def register() -> None:
    register_part(Part(RULES, False, check, load, default, companions=(EXAMPLES,)))


def check(source: Source, folder: Folder) -> list[Problem]:
    """All that is wrong in the rules; once they are right, each example that gives other places."""
    network = network_of(folder)
    communes = {commune.insee: commune.name for commune in folder.communes}
    try:
        guide = read_guide(source, network, communes, [kind.value for kind in OrganisationKind])
        examples = folder.sources.get(EXAMPLES)
        return check_examples(examples, guide, network, communes) if examples else []
    except FileProblems as error:
        return error.problems


def load(territory: Territory, source: Source, folder: Folder) -> list[str]:
    """Keep the rules as they were written. The caller has checked them."""
    known = GuideText.objects.filter(territory=territory).first()
    if known is not None and known.text == source.text:
        return []
    GuideText.objects.update_or_create(territory=territory, defaults={"text": source.text})
    return ["~ règles d’orientation" if known else "+ règles d’orientation"]


def default(folder: Folder) -> str:
    """Rules that fit any territory: one's own desk, else the nearest, and the national portal."""
    return DEFAULT_GUIDE.read_text(encoding="utf-8")


def network_of(folder: Folder) -> Network:
    return Network(
        spots=tuple(_spots(folder)),
        positions={commune.insee: (commune.column, commune.row) for commune in folder.communes},
    )


def _spots(folder: Folder) -> Iterable[Spot]:
    for organisation in folder.organisations:
        for place in organisation.places:
            yield Spot(place.slug, organisation.kind.value, place.level or 0, place.commune)
