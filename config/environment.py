"""What the environment says: PALIER_* variables, over an optional TOML file named by PALIER_CONFIG.

In the file the keys are the same names in lower case without the prefix: `hosts = ["palier.exemple.fr"]`.
"""

import os
import tomllib
from functools import cache
from pathlib import Path


@cache
def _file() -> dict[str, object]:
    name = os.environ.get("PALIER_CONFIG", "")
    if not name:
        return {}
    try:
        return tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise SystemExit(f"PALIER_CONFIG\u00a0: le fichier {name} ne peut pas être lu ({error.strerror}).") from error
    except tomllib.TOMLDecodeError as error:
        raise SystemExit(f"PALIER_CONFIG\u00a0: {name} n’est pas un fichier TOML correct ({error}).") from error


def text(name: str, default: str = "") -> str:
    """The value of PALIER_{NAME}; the environment wins over the file."""
    value = os.environ.get(f"PALIER_{name.upper()}")
    if value is None:
        value = str(_file().get(name, default))
    return value.strip()


def words(name: str) -> list[str]:
    """A list, written with commas in the environment and as a list in the file."""
    value = os.environ.get(f"PALIER_{name.upper()}", _file().get(name, ""))
    items = value if isinstance(value, list) else str(value).split(",")
    return [word for word in (str(item).strip() for item in items) if word]


def flag(name: str) -> bool:
    """True for 1, true, yes or oui."""
    return text(name).lower() in {"1", "true", "yes", "oui"}


def number(name: str, default: int) -> int:
    """A whole number, or a refusal to start."""
    value = text(name)
    if value and not value.isdecimal():
        raise SystemExit(f"PALIER_{name.upper()}={value!r}\u00a0: un nombre entier est attendu.")
    return int(value) if value else default
