"""Make `decoupage.csv.gz` from the package @etalab/decoupage-administratif (see README.md)."""

import csv
import gzip
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

HEADER = ["siren", "epci", "type", "insee", "commune", "population", "codes_postaux"]


def read(package: tarfile.TarFile, name: str) -> list[dict[str, Any]]:
    """One list of the package."""
    file = package.extractfile(f"package/data/{name}.json")
    if file is None:
        raise SystemExit(f"{name}.json manque dans le paquet")
    found: list[dict[str, Any]] = json.load(file)
    return found


def rebuild(path: Path) -> bytes:
    """The trimmed list, compressed, without the date of the day."""
    with tarfile.open(path) as package:
        communes = {row["code"]: row for row in read(package, "communes") if row["type"] == "commune-actuelle"}
        text = io.StringIO()
        rows = csv.writer(text, delimiter=";", lineterminator="\n")
        rows.writerow(HEADER)
        for epci in sorted(read(package, "epci"), key=lambda row: str(row["code"])):
            for member in sorted(epci["membres"], key=lambda row: str(row["code"])):
                commune = communes[member["code"]]
                population, codes = member["populationMunicipale"], " ".join(commune["codesPostaux"])
                head = [epci["code"], epci["nom"], epci["type"]]
                rows.writerow([*head, commune["code"], commune["nom"], population, codes])
    return gzip.compress(text.getvalue().encode(), mtime=0)


if __name__ == "__main__":
    Path(__file__).with_name("decoupage.csv.gz").write_bytes(rebuild(Path(sys.argv[1])))
