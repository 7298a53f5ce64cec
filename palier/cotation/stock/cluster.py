"""Writes for Apache Spark a folder that `spark.py` scores: the grid as one SELECT, the demands as whole numbers."""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from palier.common.errors import Refusal
from palier.cotation.stock import sql
from palier.cotation.stock.flat import Array, Columns
from palier.cotation.stock.plan import Plan
from palier.cotation.stock.spark import FORMAT

# One file is one task for the cluster, and what is in memory as rows at a time.
ROWS = 100_000


def prepare(columns: Columns, ids: Sequence[int] | Array, folder: Path) -> None:
    """Write `folder`: `travail.json`, what to compute, and `demandes/`, one line by demand. It appears whole or not.

    Raises Refusal when it exists, NotCarried when the grid has too many criteria for one query.
    """
    if folder.exists():
        raise Refusal(f"Le dossier {folder} existe déjà\u00a0: choisissez-en un autre.")
    job = _job(columns.plan)
    draft = folder.with_name(f".{folder.name}.en-cours")
    shutil.rmtree(draft, ignore_errors=True)
    # For its owner only: no name is in it, and yet it tells of people.
    draft.mkdir(mode=0o700, parents=True)
    try:
        (draft / "demandes").mkdir()
        (draft / "travail.json").write_text(json.dumps(job, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        _write(columns, ids, draft / "demandes")
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _job(plan: Plan) -> dict[str, object]:
    """What Spark runs, and how to read what it gives."""
    return {
        "format": FORMAT,
        "grille": {"id": plan.grid.id, "version": plan.grid.version, "empreinte": plan.grid.fingerprint},
        "date_calcul": plan.on.isoformat(),
        # Declared and verified are whole numbers, so many to the point; bit n of fired_1, fired_2… is criterion n.
        "echelle": plan.score_scale,
        "criteres": [rule.id for rule in plan.rules],
        "colonnes": [["id", "BIGINT"], *([column.name, "INT"] for column in plan.columns)],
        "sql": sql.select(plan, "demandes", sql.SPARK),
    }


def _write(columns: Columns, ids: Sequence[int] | Array, folder: Path) -> None:
    for number, start in enumerate(range(0, max(1, columns.size), ROWS)):
        part = slice(start, start + ROWS)
        arrays = {name: array[part] for name, array in columns.arrays.items()}
        rows = Columns(columns.plan, len(ids[part]), arrays).rows()
        with (folder / f"part-{number:05}.csv").open("w", encoding="ascii", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", *(column.name for column in columns.plan.columns)])
            writer.writerows((int(known), *row) for known, row in zip(ids[part], rows, strict=True))
