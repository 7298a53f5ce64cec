"""The grids that benchmarks score with, and the day they do."""

from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
GRIDS = {
    "grid40": HERE / "grid40.yaml",
    "demonstration": HERE.parent.parent / "territories" / "henin-carvin" / "grille.yaml",
}
ON = date(2026, 11, 21)
