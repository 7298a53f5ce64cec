"""Units of legal parameters, and how far their source was checked."""

from enum import StrEnum


class Unit(StrEnum):
    MONTHS = "months"
    YEARS = "years"
    WEEKS = "weeks"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    BUSINESS_DAYS = "business_days"
    CLEAR_DAYS = "clear_days"
    EUROS = "euros"
    SQUARE_METRES = "square_metres"
    PEOPLE = "people"
    AGE = "age"
    PERCENT = "percent"
    RENTS = "rents"
    SEASON = "season"
    DATE = "date"
    TEXT = "text"


UNIT_WORDS = {
    Unit.MONTHS: ("mois", "mois"),
    Unit.YEARS: ("an", "ans"),
    Unit.WEEKS: ("semaine", "semaines"),
    Unit.DAYS: ("jour", "jours"),
    Unit.WORKING_DAYS: ("jour ouvré", "jours ouvrés"),
    Unit.BUSINESS_DAYS: ("jour ouvrable", "jours ouvrables"),
    Unit.CLEAR_DAYS: ("jour franc", "jours francs"),
    Unit.EUROS: ("€", "€"),
    Unit.SQUARE_METRES: ("m²", "m²"),
    Unit.PEOPLE: ("personne", "personnes"),
    Unit.AGE: ("an", "ans"),
    Unit.PERCENT: ("%", "%"),
    Unit.RENTS: ("loyer", "loyers"),
}
"""Singular and plural of the units that count something; the others hold a text."""


class Status(StrEnum):
    """How the value was established."""

    SEEN = "VU"
    SEEN_SECONDHAND = "VU-sec"
    MEMORY = "MEM"
    INFERRED = "INF"
    TO_CHECK = "A-VERIFIER"


STATUS_LABELS = {
    Status.SEEN: "lu dans le texte",
    Status.SEEN_SECONDHAND: "lu dans une source qui le cite",
    Status.MEMORY: "à vérifier dans le texte",
    Status.INFERRED: "déduit, à vérifier",
    Status.TO_CHECK: "sources contradictoires, à vérifier",
}
