"""How an entry is sealed: canonical JSON and SHA-256. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

GENESIS = "0" * 64


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in the journal")


def canonical(data: Mapping[str, Any] | None) -> str:
    """Data as one line of JSON that is always written the same way. Raises TypeError for what is not plain."""
    return json.dumps(
        data or {}, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, default=_plain
    )


class Row(NamedTuple):
    """What the hash of an entry seals, in this order."""

    number: int
    at: datetime
    actor_id: int | None
    actor: str
    role: str
    organisation_id: int | None
    organisation: str
    action: str
    subject_type: str
    subject_id: str
    data: str
    previous: str

    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the row written as a JSON list; the instant in UTC with microseconds."""
        number, at, *rest = self
        instant = at.astimezone(UTC).isoformat(timespec="microseconds")
        return hashlib.sha256(json.dumps([number, instant, *rest], separators=(",", ":")).encode()).hexdigest()
