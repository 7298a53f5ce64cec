"""The same file imported by django-import-export, at its best: bulk writing, no difference kept, no look-up of rows.

It reads the same columns, checks each cell by the same reader and writes into the same table as Palier's check, so
that what differs is how the rows go through.
"""

import csv
from pathlib import Path
from typing import Any

from import_export import resources
from import_export.fields import Field
from import_export.widgets import Widget
from tablib import Dataset

from palier.demand.exchange.checking import Cells, written
from palier.demand.exchange.models import DemandImport, ImportRow
from palier.demand.exchange.running import BETWEEN
from palier.demand.exchange.services import columns_of, fields_of, known_of, shape_of
from palier.demand.exchange.whole import ALL

BATCH = 2_000


class _Cell(Widget):
    """Reads a cell as Palier does; its ValueError becomes an error of the row."""

    def __init__(self, cells: Cells) -> None:
        super().__init__()
        self.cells = cells

    def clean(self, value: Any, row: Any = None, **options: Any) -> str:
        return written(self.cells.value(value))


def _resource(work: DemandImport) -> resources.ModelResource:
    known, header = known_of(work), shape_of(work).header

    class Rows(resources.ModelResource):
        class Meta:
            model = ImportRow
            fields = ("line",)
            import_id_fields = ("line",)
            force_init_instance = True
            use_bulk = True
            batch_size = BATCH
            skip_diff = True
            skip_unchanged = False
            report_skipped = False
            use_transactions = True

        def before_save_instance(self, instance: Any, row: Any, **options: Any) -> None:
            instance.work_id, instance.line = work.pk, row["line"]
            instance.nud = instance.said_nud[1:-1]
            instance.values = BETWEEN.join(getattr(instance, f"said_{code}") for code in fields_of(work))

    rows = Rows()
    for column, code in columns_of(work).items():
        cells = Cells(ALL[code], known)
        rows.fields[code] = Field(attribute=f"said_{code}", column_name=header[column], widget=_Cell(cells))
    return rows


def bring(work: DemandImport, path: Path) -> set[int]:
    """Import a file; answers the lines refused."""
    shape = shape_of(work)
    with path.open(encoding=shape.encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=shape.delimiter)
        next(reader)
        data = Dataset(headers=["line", *shape.header])
        for row in reader:
            data.append([reader.line_num, *row])
    result = _resource(work).import_data(data, dry_run=False, raise_errors=False)
    told = [row.number for row in result.invalid_rows] + [number for number, _ in result.row_errors()]
    # Its rows are numbered from 1, the line of titles apart.
    return {number + 1 for number in told}
