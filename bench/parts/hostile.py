"""Files that somebody could send to do harm, and `python -m bench.parts.hostile FILE`: reads one, within limits.

Prints, as JSON, the sentence that refuses it or how many rows were read, how many of them were refused and what their
cells say, with the seconds and the memory that it took.
"""

import json
import resource
import sys
import zipfile
from datetime import date
from pathlib import Path
from time import perf_counter

ROWS = 3_000_000
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TITLES = ("numUnique", "dateCreationDemande", "nompatronymique", "dateNaissance", "voie")
GOOD = ("062032401234501226", "12/03/2024", "Modèle", "01/02/1985", "1 rue de l’Exemple")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><interfaceNuu>&l9;</interfaceNuu>'
# Far more than a file needs, so that one which goes wrong is stopped rather than the machine.
ADDRESSES = 3 << 30


def files(folder: Path) -> dict[str, Path]:
    """Each file by its name, written in a folder."""
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    found: dict[str, bytes] = {
        "entités XML": BOMB.encode(),
        "formules": _csv([GOOD, ("=cmd|'/c calc'!A1", *GOOD[1:]), (*GOOD[:2], '=HYPERLINK("x")', *GOOD[3:])]),
        "cp1252": _csv([GOOD], "cp1252"),
        "300 colonnes": _csv([tuple("x" * 300)] * 5_000, titles=tuple(f"c{n}" for n in range(300))),
        "1 000 colonnes": _csv([tuple("x" * 1_000)] * 100, titles=tuple(f"c{n}" for n in range(1_000))),
        "lignes vides (CSV)": b";".join(title.encode() for title in TITLES) + b"\n" + b";;;;\n" * ROWS,
        "ligne sans fin": b"x" * 50_000_000,
        "guillemet jamais fermé": _csv([GOOD]) + b'"' + b"a;b;c;d;e\n" * 1_000_000,
    }
    for name, content in found.items():
        (folder / name.replace(" ", "_")).write_bytes(content)
    books = {
        "lignes vides (XLSX)": [b"<row/>"] * 1 + [b"<row/>" * 10_000] * (ROWS // 10_000),
        "cellule lointaine (XLSX)": [far],
    }
    paths = {
        name: folder / name.replace(" ", "_") for name in (*found, *books, "archive gonflée", "lignes vides (ODS)")
    }
    for name, rows in books.items():
        _book(paths[name], rows, b"")
    _book(paths["archive gonflée"], [], bytes(1 << 20), 1_000)
    with zipfile.ZipFile(paths["lignes vides (ODS)"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        row = b'<table:table-row table:number-rows-repeated="500"><table:table-cell/></table:table-row>'
        with archive.open("content.xml", "w") as stream:
            stream.write(b"<office:document-content><office:body><table:table>")
            stream.write(row * (ROWS // 500))
            stream.write(b"</table:table></office:body></office:document-content>")
    return paths


def _csv(rows: list[tuple[str, ...]], encoding: str = "utf-8", titles: tuple[str, ...] = TITLES) -> bytes:
    return "".join(";".join(row) + "\n" for row in (titles, *rows)).encode(encoding)


def _book(path: Path, rows: list[bytes], text: bytes, times: int = 1) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook " + MAIN + b"/>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as stream:
            for _ in range(times):
                stream.write(text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
            stream.write(b"<worksheet " + MAIN + b"><sheetData>")
            for row in rows:
                stream.write(row)
            stream.write(b"</sheetData></worksheet>")


def read(path: Path) -> dict[str, object]:
    """What becomes of a file, as when it is added and checked; no database."""
    from palier.common.errors import Refusal
    from palier.demand.exchange import reading, workbook
    from palier.demand.exchange.checking import Checker
    from palier.demand.exchange.fields import Known, proposed
    from palier.demand.exchange.whole import ALL

    rows = refused = 0
    said: list[str] = []
    started, sentence = perf_counter(), ""
    try:
        workbook.to_csv(path)
        shape = reading.shape_of(path)
        known = Known(date(2026, 11, 22), date(1980, 1, 1), {"carvin": "62215"})
        checker = Checker(proposed(shape.header, ALL), known, len(shape.header))
        for part in reading.parts(path, shape):
            if "nud" in checker.columns:
                checked = checker.check(part)
                refused += checked.refused
                said += checked.values.get("birth_name", ())[: 5 - len(said)]
            rows += len(part.rows)
    except Refusal as refusal:
        sentence = refusal.sentence
    return {
        "refusal": sentence, "rows": rows, "refused": refused, "said": said,
        "seconds": round(perf_counter() - started, 2),
        "megabytes": _peak() // 1024,
    }  # fmt: skip


def _peak() -> int:
    """Kilobytes at most: those of `getrusage` would count the process that started this one."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


if __name__ == "__main__":
    import django

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    django.setup()
    json.dump(read(Path(sys.argv[1])), sys.stdout)
