"""Spark is 456 MB to download and asks for Java: `./palier.sh test-spark` runs these tests, `make test` leaves them."""

import os

# The Python that holds pyspark, and nothing of Palier.
PYTHON = os.environ.get("PALIER_SPARK")
collect_ignore_glob = [] if PYTHON else ["test_*.py"]
