"""What the questionnaire and its result need, read in three queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from palier.common.text import normalise
from palier.common.yamlfile import parse, validate
from palier.orientation import rules
from palier.orientation.guide import GuideFile, build
from palier.orientation.models import GuideText
from palier.orientation.opening import opening
from palier.orientation.rules import Advice, Answers, Guide, Helpline, Network, Spot
from palier.territory.api import Commune, Place, Territory, visible_communes, visible_places

NATIONAL_PORTAL = "https://www.demande-logement-social.gouv.fr"
DEFAULT_GUIDE = Path(__file__).parent / "data" / "orientation.yaml"


@dataclass(frozen=True)
class Desk:
    """One territory ready to advise: its rules, its communes in French order, its open places."""

    territory: Territory
    guide: Guide
    communes: Mapping[str, str]
    places: Mapping[str, Place]
    network: Network

    @property
    def portal_url(self) -> str:
        return self.territory.national_portal or NATIONAL_PORTAL


@dataclass(frozen=True)
class Recommendation:
    """An advice with the place it is about; `place` is None for the national portal."""

    advice: Advice
    place: Place | None
    opening: str


def open_desk(territory: Territory) -> Desk:
    """Three queries, whatever the size of the territory."""
    rows = sorted(visible_communes(territory.pk), key=lambda commune: normalise(commune.name))
    places = list(visible_places(territory.pk))
    text = GuideText.objects.filter(territory=territory).values_list("text", flat=True).first()
    communes = {commune.insee: commune.name for commune in rows}
    guide = _guide(text or DEFAULT_GUIDE.read_text(encoding="utf-8"), tuple(communes.items()))
    return Desk(territory, guide, communes, {place.slug: place for place in places}, network_of(rows, places))


def network_of(communes: Iterable[Commune], places: Sequence[Place]) -> Network:
    return Network(
        spots=tuple(
            Spot(
                place.slug,
                place.organisation.kind,
                place.level,
                place.commune.insee if place.commune else None,
            )
            for place in places
        ),
        positions={commune.insee: (commune.column, commune.row) for commune in communes},
    )


def recommend(desk: Desk, answers: Answers, moment: datetime) -> list[Recommendation]:
    """The advice with its places, as they are open at `moment` (Paris time)."""
    return [
        Recommendation(advice, place, opening(place.hours, moment) if place else "")
        for advice in rules.advise(desk.guide, desk.network, answers)
        for place in [desk.places.get(advice.slug)]
    ]


def urgent(desk: Desk, answers: Answers) -> list[Helpline]:
    """Telephone numbers to show first."""
    return rules.helplines(desk.guide, answers)


def told_back(desk: Desk, answers: Answers) -> str:
    """« Vous habitez Oignies et vous avez entre 18 et 30 ans. » Confidential answers are left out."""
    parts = []
    for question in desk.guide.questions:
        chosen = answers.get(question.code, frozenset())
        if question.code == rules.COMMUNE:
            parts += [f"vous habitez {desk.communes[code]}" for code in chosen if code in desk.communes]
            parts += ["vous habitez une autre commune"] if rules.ELSEWHERE in chosen else []
        elif not question.confidential:
            parts += [choice.summary for choice in question.choices if choice.code in chosen and choice.summary]
    if not parts:
        return ""
    sentence = " et ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


@lru_cache(maxsize=16)
def _guide(text: str, communes: tuple[tuple[str, str], ...]) -> Guide:
    return build(validate(parse(text, "orientation.yaml"), GuideFile), dict(communes))
