"""The catalogue of facts as a page of the guide, for those who write grids."""

from collections.abc import Iterable

from palier.cotation.catalogue import FIELDS, MEMBER_FIELDS, Field

KINDS = {
    "bool": "true ou false",
    "int": "nombre entier",
    "decimal": "nombre",
    "date": "date",
    "text": "texte",
    "commune": "commune (avec lieu)",
    "communes": "communes (avec lieu)",
}


def fields_page() -> str:
    """The page, in Markdown: every field, what it says, its values; those the law bars are marked."""
    return "\n".join(
        [
            "# Les champs d’une grille",
            "",
            "Le catalogue est fermé\u00a0: un champ qui n’y est pas est refusé. Cette page est écrite par",
            "`./palier.sh cotation fields`. Le langage lui-même est expliqué dans [La grille de cotation](grille.md).",
            "",
            "## Le dossier",
            "",
            *_table(FIELDS.values()),
            "",
            "## Un membre du ménage, à l’intérieur de `membre`",
            "",
            *_table(MEMBER_FIELDS.values()),
            "",
        ]
    )


def _table(fields: Iterable[Field]) -> Iterable[str]:
    yield "| Champ | Ce qu’il dit | Valeur |"
    yield "|---|---|---|"
    for field in fields:
        values = ", ".join(f"`{code}` ({label})" for code, label in field.codes.items()) or KINDS[field.kind]
        unit = "`0.30` pour 30\u00a0%" if field.unit == "%" else field.unit
        values += f", {unit}" if unit else ""
        barred = "" if field.lawful else "\u202f; donnée que la loi ne permet pas de recueillir"
        yield f"| `{field.path}` | {field.label}{barred} | {values} |"
