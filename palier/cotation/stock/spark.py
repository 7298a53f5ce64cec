"""Scores on Apache Spark what `cotation stock spark` wrote: `spark-submit spark.py DOSSIER RESULTAT`.

This file stands alone: beside Spark, a cluster needs nothing of Palier, no setting and no secret. The folder holds
`travail.json` (the columns and one SELECT) and `demandes/` (whole numbers). The result is complete when it holds
`_SUCCESS`. See docs/operations/spark.md.
"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

FORMAT = "palier-spark/1"


def score(session: Any, folder: str, result: str, form: str = "csv") -> None:
    """Score the demands of a folder into a new one, in CSV or Parquet. Addresses are those that Spark knows."""
    [text] = session.read.text(f"{folder}/travail.json", wholetext=True).collect()
    job = json.loads(text.value)
    if job.get("format") != FORMAT:
        raise ValueError(f"travail.json\u00a0: format {FORMAT} attendu.")
    # The JVM never compiles a method beyond 8,000 bytes: measured three times slower than Spark's smaller steps.
    session.conf.set("spark.sql.codegen.hugeMethodLimit", 8000)
    demands = session.read
    if form == "csv":
        # A wrong value or header must stop everything, not become an unknown.
        demands = demands.schema(", ".join(f"{name} {kind}" for name, kind in job["colonnes"]))
        demands = demands.options(header=True, mode="FAILFAST", enforceSchema=False)
    demands.format(form).load(f"{folder}/demandes").createOrReplaceTempView("demandes")
    session.sql(job["sql"]).write.options(header=True).format(form).save(result)


def local(builder: Any, master: str) -> Any:
    """Spark inside this one program: nothing listens beyond this machine, and memory is bounded."""
    settings = {"driver.host": "127.0.0.1", "driver.bindAddress": "127.0.0.1", "driver.memory": "1g"}
    for name, value in {**settings, "ui.enabled": "false", "ui.showConsoleProgress": "false"}.items():
        builder = builder.config(f"spark.{name}", value)
    return builder.master(master)


def main(arguments: list[str]) -> int:
    """The command: 0 when the result is written."""
    parser = ArgumentParser(prog="spark.py", description="Coter un stock de demandes sur Apache Spark.")
    parser.add_argument("folder", metavar="DOSSIER", help="ce que «\u00a0cotation stock spark\u00a0» a préparé")
    parser.add_argument("result", metavar="RESULTAT", help="dossier à créer")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv", help="des demandes et du résultat")
    parser.add_argument("--master", help="local[2]\u00a0: deux cœurs de cette machine\u202f; inutile avec spark-submit")
    options = parser.parse_args(arguments)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("palier")
    session = (local(builder, options.master) if options.master else builder).getOrCreate()
    try:
        score(session, options.folder, options.result, options.format)
    finally:
        session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
