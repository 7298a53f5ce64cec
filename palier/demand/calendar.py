"""What will happen to a demand: where it stands in its year, and its dates, past and to come, each with its source."""

from dataclasses import dataclass
from datetime import date

from palier.common.text import date_fr
from palier.demand import life
from palier.demand.life import Radiation, Stage, Year
from palier.demand.models import Demand
from palier.law.api import parameter

# Tag of each stage, and its words.
TAGS = {
    Stage.VALID: ("tag-done", "valable"),
    Stage.TO_RENEW: ("tag-soon", "à renouveler"),
    Stage.TOLERATED: ("tag-late", "validité passée"),
    Stage.TO_STRIKE: ("tag-late", "à radier"),
}


@dataclass(frozen=True)
class Standing:
    """Where an active demand is in its year, with its tag."""

    year: Year
    stage: Stage

    @property
    def tag(self) -> str:
        return TAGS[self.stage][0]

    @property
    def label(self) -> str:
        return TAGS[self.stage][1]


def standing_on(demand: Demand, terms: life.Terms, on: date, *, owed: bool) -> Standing | None:
    """Where a demand is in its year; None unless it is active.

    Before its end, it is to renew once that is owed (`owed`): what the worklist says, the file says.
    """
    if demand.is_draft or demand.is_struck or demand.year_since is None:
        return None
    return standing_of(demand.year_since, terms, on, owed=owed)


def standing_of(since: date, terms: life.Terms, on: date, *, owed: bool) -> Standing:
    """The same of an active demand, by the start of its year."""
    year = life.year_of(since, terms)
    stage = life.stage_of(year, on)
    if stage in {Stage.VALID, Stage.TO_RENEW}:
        stage = Stage.TO_RENEW if owed else Stage.VALID
    return Standing(year, stage)


@dataclass(frozen=True)
class Event:
    """One date of a demand. `source` is the text that gives it; « next » marks the first to come."""

    on: date
    title: str
    sentence: str
    source: str
    past: bool
    next: bool = False


def events(demand: Demand, on: date) -> list[Event]:
    """The dates of a registered or struck demand, the oldest first. One query."""
    terms = life.terms_on(on, demand.territory_id)
    found = [Event(day, title, sentence, source, past=True) for day, title, sentence, source in _past(demand)]
    future = _after_radiation(demand, terms) if demand.is_struck else _year(demand, terms, on)
    found += [
        Event(day, title, sentence, source, day < on or day == demand.struck_on)
        for day, title, sentence, source in future
    ]
    found.sort(key=lambda event: event.on)
    coming = next((index for index, event in enumerate(found) if not event.past), None)
    if coming is not None:
        event = found[coming]
        found[coming] = Event(event.on, event.title, event.sentence, event.source, past=False, next=True)
    return found


def _past(demand: Demand) -> list[tuple[date, str, str, str]]:
    days = [
        (demand.filed_on, "Demande déposée", "L’ancienneté compte depuis ce jour, pour toujours.", "CCH art. R441-2-7")
    ]
    if demand.renewed_on:
        days.append(
            (demand.renewed_on, "Demande renouvelée", "Le numéro et l’ancienneté sont gardés.", "CCH art. R441-2-7")
        )
    if demand.struck_noticed_on:
        days.append(
            (
                demand.struck_noticed_on,
                "Avis avant radiation",
                "Sa remise doit pouvoir être prouvée.",
                "CCH art. R441-2-8",
            )
        )
    return [(day, title, sentence, source) for day, title, sentence, source in days if day]


def _year(demand: Demand, terms: life.Terms, on: date) -> list[tuple[date, str, str, str]]:
    if demand.year_since is None:
        return []
    year = life.year_of(demand.year_since, terms)
    return [
        (
            year.remind_on,
            "Rappel du guichet",
            "Votre lieu reçoit l’échéance «\u00a0Faire renouveler la demande\u00a0», avec une lettre de rappel.",
            parameter("renewal_reminder", on).source,
        ),
        (
            year.notice_by,
            "Préavis du système national, au plus tard",
            "Le gestionnaire du système national prévient le demandeur. Palier ne le remplace pas.",
            parameter("renewal_notice", on).source,
        ),
        (
            year.valid_until,
            "Dernier jour de validité",
            "La demande se renouvelle jusqu’à ce jour compris, dans le système national.",
            parameter("demand_validity", on).source,
        ),
        (
            year.strike_off_on,
            "Radiation possible, sans renouvellement",
            "Le système national tolère un mois, puis radie la demande.",
            parameter("strike_off_delay", on).source,
        ),
        (
            year.revivable_until,
            "Dernier jour pour reprendre la demande",
            "Après une radiation pour défaut de renouvellement, le numéro et l’ancienneté sont rendus jusqu’à ce jour.",
            parameter("revival_limit", on).source,
        ),
    ]


def _after_radiation(demand: Demand, terms: life.Terms) -> list[tuple[date, str, str, str]]:
    if demand.struck_on is None or demand.year_since is None:
        return []
    ground = Radiation(demand.struck_ground)
    reason = life.RADIATIONS[ground]
    days = [(demand.struck_on, "Demande radiée", f"{reason[0].upper()}{reason[1:]}.", "CCH art. R441-2-8")]
    if ground in life.REVIVABLE:
        until = life.revivable_until(life.year_of(demand.year_since, terms), demand.struck_on, terms)
        words = "Jusqu’à ce jour, le numéro et l’ancienneté sont rendus."
        days.append(
            (
                until,
                "Dernier jour pour reprendre la demande",
                words,
                parameter("revival_limit", demand.struck_on).source,
            )
        )
    days.append(
        (
            life.erase_on(demand.struck_on, terms),
            "Fin de conservation des données nominatives",
            "À cette date, les données nominatives du dossier sont à effacer.",
            parameter("retention_after_strike_off", demand.struck_on).source,
        )
    )
    return days


@dataclass(frozen=True)
class Radiated:
    """Why and when a demand was struck off, how it comes back, and when its data end."""

    on: date
    reason: str
    undone: bool
    revivable_until: date | None
    erase_on: date

    @property
    def may_come_back(self) -> bool:
        """Whether the demand may be active again, or its radiation taken back."""
        return self.undone or self.revivable_until is not None

    @property
    def way_back(self) -> str:
        """How to come back, in one sentence."""
        if self.reason == life.RADIATIONS[Radiation.MERGED]:
            return "La demande continue sous le numéro auquel elle est réunie."
        if self.revivable_until is None:
            return "Pour demander de nouveau un logement, il faut déposer une nouvelle demande."
        return (
            f"Elle peut être reprise jusqu’au {date_fr(self.revivable_until)}, avec son numéro et son ancienneté. "
            "Ensuite, il faut déposer une nouvelle demande."
        )


def radiated(demand: Demand, on: date) -> Radiated | None:
    """What to say of a struck demand on a day; None for another. No query: those delays are national."""
    if demand.struck_on is None or demand.year_since is None:
        return None
    return consequences(demand, Radiation(demand.struck_ground), demand.struck_on, on)


def consequences(demand: Demand, ground: Radiation, struck_on: date, on: date) -> Radiated:
    """What a radiation would bring, before it is noted as after."""
    terms = life.terms_on(on, None)
    year = life.year_of(demand.year_since or struck_on, terms)
    until = life.revivable_until(year, struck_on, terms)
    return Radiated(
        on=struck_on,
        reason=life.RADIATIONS[ground],
        undone=demand.struck_noted_on == on,
        revivable_until=until if life.may_be_revived(ground, until, on) else None,
        erase_on=life.erase_on(struck_on, terms),
    )
