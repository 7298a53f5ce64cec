"""One registered demand read, scored and explained as fast as its database answers: what a program asks one by one.

A single statement, and the content read as the JSON it is kept as: the ORM would take as long as all the rest together.
"""

import json
from dataclasses import dataclass
from datetime import date

from django.db import connection

from palier.common import written
from palier.cotation import api as cotation
from palier.demand.content import Content
from palier.demand.facts import facts_on

_READ = """
SELECT d.territory_id, d.filed_on, d.nud, d.changed, d.content,
    (SELECT {}(p.criterion, p.seen_on) FROM demand_proof p WHERE p.demand_id = d.id)
FROM demand_demand d WHERE d.id = %s AND d.status = 'registered'
"""
_BY_VENDOR = {"postgresql": _READ.format("jsonb_object_agg"), "sqlite": _READ.format("json_group_object")}
# What was last registered counts, not what an agent is typing.
_REGISTERED = "SELECT content FROM demand_snapshot WHERE demand_id = %s ORDER BY number DESC LIMIT 1"


@dataclass(frozen=True)
class Registered:
    """What scoring a demand needs: its content and dates, and the pieces seen (criterion → day)."""

    territory_id: int
    filed_on: date
    nud: str
    content: Content
    proofs: dict[str, date]

    def score(self, compiled: cotation.CompiledGrid, on: date) -> cotation.Score:
        """The score on a day, which explains itself."""
        facts = facts_on(self.content, filed_on=self.filed_on, on=on, nud=self.nud)
        return cotation.evaluate(compiled, cotation.read_facts(facts), on, self.proofs)


def registered(pk: int) -> Registered | None:
    """A demand as last registered; None when there is none. One query, two while somebody is changing it.

    Rights and journal are the caller's.
    """
    with written.cursor() as cursor:
        cursor.execute(_BY_VENDOR[connection.vendor], [pk])
        row = cursor.fetchone()
        if row is None:
            return None
        territory_id, filed_on, nud, changed, content, proofs = row
        if changed:
            cursor.execute(_REGISTERED, [pk])
            (content,) = cursor.fetchone()
    seen = {criterion: date.fromisoformat(day) for criterion, day in json.loads(proofs or "{}").items()}
    filed = filed_on if isinstance(filed_on, date) else date.fromisoformat(filed_on)
    return Registered(territory_id, filed, nud, Content.model_validate_json(content), seen)
