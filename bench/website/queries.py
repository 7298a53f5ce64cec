"""`python -m bench.website.queries < told.json`: how many queries each page of the bench takes, as JSON."""

import json
import sys
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402


def main() -> None:
    """The list as it opens, further back, and filtered."""
    settings.ALLOWED_HOSTS = ["*"]
    told = json.load(sys.stdin)
    client = Client()
    client.cookies[told["cookie_name"]] = told["users"][0]["cookie"]
    pages = {
        "liste": "/demandes/",
        "suite": f"/demandes/?avant={told['files'][0]}",
        "type et points": "/demandes/?type=T3&points_min=20",
        "nom": f"/demandes/?q={told['people'][0][0]}",
        "nom, commune, type et points": f"/demandes/?q={told['people'][0][0]}&commune=62427&type=T3&points_min=1",
    }
    counts = {}
    for name, address in pages.items():
        asked: list[str] = []

        def counted(execute: Any, sql: Any, params: Any, many: Any, context: Any, asked: list[str] = asked) -> Any:
            asked.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(counted):
            answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        counts[name] = len(asked)
    json.dump(counts, sys.stdout)


if __name__ == "__main__":
    main()
