"""The export of a list: the same filters, as CSV, XLSX or ODS, with what each column means.

No address, telephone nor electronic address leaves in a file, protected or not: a list is not a mailing.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from palier.common import tables
from palier.common.actor import Actor
from palier.common.errors import Refusal
from palier.common.tables import Cell
from palier.common.text import number_fr
from palier.demand import life
from palier.demand.enums import DwellingType, Status
from palier.demand.listing.models import Trait
from palier.demand.listing.selectors import Row, rows_of
from palier.demand.listing.traits import COMMUNE, PRIORITY, TYPE
from palier.demand.selectors import commune_names

FORMATS = {"csv": tables.CSV, "xlsx": tables.XLSX, "ods": tables.ODS}
# A workbook is written whole before it leaves.
MOST_IN_WORKBOOK = 50_000
CHUNK = 500
COLUMNS = (
    ("Numéro unique", "texte", "Numéro donné par le système national (SNE)\u202f; vide tant qu’il n’est pas noté."),
    ("Ménage", "texte", "Le demandeur et ceux qui habiteraient avec lui."),
    ("Lieu", "texte", "Guichet qui a enregistré la demande et la suit."),
    ("État", "texte", "brouillon, enregistrée ou radiée."),
    ("Déposée le", "date", "Premier dépôt\u00a0: l’ancienneté compte depuis ce jour (CCH, article R441-2-7)."),
    ("Ancienneté", "mois", "Mois complets depuis le premier dépôt, le jour de l’export."),
    ("Valable jusqu’au", "date", "Dernier jour de validité de la demande\u202f; vide si elle n’est pas active."),
    ("Validité", "texte", "valable, à renouveler, validité passée ou à radier."),
    ("Points déclarés", "nombre", "Cotation d’après ce que le ménage déclare. Une aide\u00a0: la commission décide."),
    ("Points vérifiés", "nombre", "Cotation d’après ce qui est prouvé."),
    ("Logements souhaités", "texte", "Types de logement, séparés par des virgules."),
    ("Communes souhaitées", "texte", "Communes du territoire, ou leur code INSEE, séparées par des virgules."),
    ("Priorité déclarée", "oui ou non", "Au moins une situation de l’article L441-1 du CCH est déclarée."),
)
TITLES = tuple(title for title, _, _ in COLUMNS)
DICTIONARY = ("Colonne", "Nature", "Ce qu’elle contient")


def check_size(kind: str, count: int) -> None:
    """Raises Refusal when a workbook would be too long."""
    if kind != "csv" and count > MOST_IN_WORKBOOK:
        raise Refusal(
            f"Ces {number_fr(count)} demandes sont trop nombreuses pour un classeur ({number_fr(MOST_IN_WORKBOOK)} au "
            "plus). Choisissez le format CSV, ou filtrez davantage."
        )


def lines(actor: Actor, pks: Sequence[int], on: date) -> Iterator[list[Cell]]:
    """The rows of an export, read some at a time: four queries by chunk."""
    names = commune_names(actor.territory_id)
    rest = iter(pks)
    while chunk := list(islice(rest, CHUNK)):
        traits: dict[int, dict[str, list[str]]] = {}
        for pk, kind, code in (
            Trait.objects.filter(demand__in=chunk).order_by("pk").values_list("demand", "kind", "code")
        ):
            traits.setdefault(pk, {}).setdefault(kind, []).append(code)
        for row in rows_of(actor, chunk, on):
            yield _line(row, traits.get(row.pk, {}), names, on)


def _line(row: Row, traits: dict[str, list[str]], names: dict[str, str], on: date) -> list[Cell]:
    return [
        row.nud,
        row.label,
        row.place,
        Status(row.status).label,
        row.filed_on,
        life.waited_months(row.filed_on, on) if row.filed_on else None,
        row.valid_until,
        row.state if row.valid_until else "",
        row.declared,
        row.verified,
        ", ".join(DwellingType(code).label for code in traits.get(TYPE, ())),
        ", ".join(names.get(code, code) for code in traits.get(COMMUNE, ())),
        PRIORITY in traits,
    ]
