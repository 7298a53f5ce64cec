"""Scores several folders in one Spark session: `python many.py FOLDER…`, and prints the name of those it refuses.

Runs where Palier is not installed.
"""

import runpy
import shutil
import sys
from pathlib import Path

from pyspark.sql import SparkSession

SPARK = runpy.run_path(str(Path(__file__).parents[2] / "palier/cotation/stock/spark.py"))

session = SPARK["local"](SparkSession.builder, "local[2]").getOrCreate()
session.sparkContext.setLogLevel("OFF")
for folder in sys.argv[1:]:
    try:
        SPARK["score"](session, folder, f"{folder}-resultat")
    except Exception:
        print(Path(folder).name)
# The first one again in Parquet, its result as CSV that the test can read.
first, csv = sys.argv[1], {"header": True, "inferSchema": True}
shutil.copytree(first, f"{first}-parquet", ignore=shutil.ignore_patterns("demandes"))
session.read.options(**csv).csv(f"{first}/demandes").write.parquet(f"{first}-parquet/demandes")
SPARK["score"](session, f"{first}-parquet", f"{first}-parquet-resultat", "parquet")
session.read.parquet(f"{first}-parquet-resultat").write.options(**csv).csv(f"{first}-relu")
session.stop()
