"""The national list of EPCI and of their communes (data/README.md says where it comes from and when)."""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from palier.common.text import normalise

FILE = Path(__file__).parent / "data" / "decoupage.csv.gz"
TYPES = {"CC": "Communauté de communes", "CA": "Communauté d’agglomération", "CU": "Communauté urbaine"}
ARTICLES = ("de la ", "de l’", "des ", "du ", "de ", "d’")


@dataclass(frozen=True)
class NationalCommune:
    insee: str
    name: str
    population: int
    postal_codes: tuple[str, ...]

    @property
    def department(self) -> str:
        """« 62 », « 2A », « 974 »."""
        return self.insee[:3] if self.insee.startswith("97") else self.insee[:2]


@dataclass(frozen=True)
class Epci:
    siren: str
    name: str
    short_name: str
    communes: tuple[NationalCommune, ...]

    @property
    def department(self) -> str:
        """The department where most of its inhabitants live: an EPCI may lie in two or three."""
        people: dict[str, int] = {}
        for commune in self.communes:
            people[commune.department] = people.get(commune.department, 0) + commune.population
        return max(people, key=lambda code: people[code])


def find_epci(siren: str) -> Epci | None:
    """The EPCI of this SIREN with its communes by name, or None."""
    rows = [row for row in _rows() if row["siren"] == siren]
    if not rows:
        return None
    name, short_name = _names(rows[0]["epci"], rows[0]["type"])
    communes = (
        NationalCommune(
            row["insee"], typeset(row["commune"]), int(row["population"]), tuple(row["codes_postaux"].split())
        )
        for row in rows
    )
    return Epci(siren, name, short_name, tuple(sorted(communes, key=lambda commune: normalise(commune.name))))


def commune_name(insee: str) -> str:
    """The name of a commune that belongs to an EPCI, "" when the list does not have it."""
    return _communes().get(insee, "")


@cache
def _communes() -> dict[str, str]:
    return {row["insee"]: typeset(row["commune"]) for row in _rows()}


def count() -> int:
    """How many EPCI the list holds."""
    return len({row["siren"] for row in _rows()})


def _rows() -> Iterator[dict[str, str]]:
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def of(name: str) -> str:
    """« de Carvin », « d’Oignies », « du Mans », « des Sables », « de La Bassée »."""
    if name.startswith("Le "):
        return "du " + name[3:]
    if name.startswith("Les "):
        return "des " + name[4:]
    vowel = re.match(r"[AEIOUÀÂÉÈÊËÎÏÔÛŒ]|Y[^aeiouéèê]|Hé", name)
    return f"d’{name}" if vowel else f"de {name}"


def typeset(text: str) -> str:
    """The name with the apostrophe of the pages and single spaces."""
    return " ".join(text.replace("'", "’").split())


def _names(name: str, kind: str) -> tuple[str, str]:
    """« CA d'Hénin-Carvin » gives its full name and the one people say."""
    name = typeset(name)
    if kind not in TYPES:
        return name, name
    rest = name.removeprefix(f"{kind} ")
    short = next((rest.removeprefix(article) for article in ARTICLES if rest.startswith(article)), rest)
    return f"{TYPES[kind]} {rest}", short[:1].upper() + short[1:]
