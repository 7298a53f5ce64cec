"""Why production refuses to start. Each reason is one sentence in French, for the person who installs."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MIN_SECRET = 50


def refusals(settings: Mapping[str, Any]) -> list[str]:
    """What is weak in these settings (a mapping of Django setting names). Reads the file system, not the database."""
    reasons = []
    secret = str(settings.get("SECRET_KEY", ""))
    if not secret:
        reasons.append("PALIER_SECRET_KEY manque (par exemple\u00a0: openssl rand -base64 64).")
    elif len(secret) < MIN_SECRET or len(set(secret)) < 10 or secret.startswith(("django-insecure", "test-only")):
        reasons.append(f"PALIER_SECRET_KEY est trop faible\u00a0: {MIN_SECRET} caractères au moins, tirés au hasard.")
    if settings.get("DEBUG"):
        reasons.append("le mode DEBUG est actif.")
    if settings.get("PALIER_DEMO"):
        reasons.append("le mode démonstration est actif.")
    hosts = settings.get("ALLOWED_HOSTS") or []
    if not hosts:
        reasons.append("PALIER_HOSTS manque (le nom du site, par exemple palier.exemple.fr).")
    elif any(host == "*" or host.startswith((".", "*")) for host in hosts):
        reasons.append("PALIER_HOSTS doit nommer chaque site\u00a0: ni *, ni point au début.")
    second_factor = "palier.accounts.middleware.SecondFactorMiddleware"
    factors = set(settings.get("MFA_SUPPORTED_TYPES") or [])
    if second_factor not in settings.get("MIDDLEWARE", []) or not factors & {"totp", "webauthn"}:
        reasons.append("le second facteur n’est pas imposé.")
    if settings.get("MFA_TRUST_ENABLED") or settings.get("MFA_TOTP_INSECURE_BYPASS_CODE"):
        reasons.append("un contournement du second facteur est actif.")
    engine = settings["DATABASES"]["default"]["ENGINE"]
    if engine.endswith("sqlite3") and not settings.get("PALIER_ACCEPT_SQLITE"):
        reasons.append(
            "PALIER_DATABASE_URL manque. Pour garder la base embarquée SQLite en connaissance de cause\u00a0: "
            "PALIER_ACCEPT_SQLITE=oui."
        )
    anchors = Path(settings["PALIER_ANCHOR_DIR"])
    nearest = next(folder for folder in (anchors, *anchors.parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        reasons.append(f"le dossier des ancres du journal ({anchors}) n’est pas accessible en écriture.")
    return reasons
