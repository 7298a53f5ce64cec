"""The folder of a new territory, from the national list: complete enough to load, to be corrected by its people."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.text import slugify
from stdnum.fr import siren as siren_number

from palier.common.errors import Refusal
from palier.territory.files import COMMUNES, NETWORK, TERRITORY, parts, read_folder
from palier.territory.national import Epci, NationalCommune, find_epci, of

PORTAL = "https://www.demande-logement-social.gouv.fr"


def write(siren: str, path: Path | None, parent: Path) -> Path:
    """Write the folder of this EPCI at `path`, or under `parent` by its name. Returns where.

    Refused: a wrong SIREN, one that is not an EPCI, a folder that already holds something.
    """
    siren = siren_number.compact(siren)
    if not siren_number.is_valid(siren):
        raise Refusal(f"«\u00a0{siren}\u00a0» n’est pas un numéro SIREN (neuf chiffres, clé comprise).")
    epci = find_epci(siren)
    if epci is None:
        raise Refusal(f"Le SIREN {siren} n’est pas celui d’une intercommunalité à fiscalité propre.")
    path = path or parent / slug(epci.short_name)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Refusal(f"{path} existe déjà et n’est pas vide. Choisissez un autre dossier avec --dir.")
    path.mkdir(parents=True, exist_ok=True)
    for name, text in ((TERRITORY, _territory(epci)), (COMMUNES, _communes(epci)), (NETWORK, _network(epci))):
        (path / name).write_text(text, encoding="utf-8")
    folder, _ = read_folder(path)
    for part in parts():
        content = part.default(folder)
        if content is not None:
            (path / part.filename).write_text(content, encoding="utf-8")
    return path


def slug(name: str) -> str:
    """« d-ostrevent » for « d’Ostrevent »."""
    return slugify(re.sub(r"[’']", "-", name).replace("œ", "oe").replace("Œ", "Oe"))[:70].strip("-")


def quoted(text: str) -> str:
    """The text as YAML reads it back, between quotes only when it needs them."""
    plain = re.fullmatch(r"[^\W\d_][\w ’().-]*[\w)]", text) and len(text) > 3
    return text if plain else json.dumps(text, ensure_ascii=False)


def _territory(epci: Epci) -> str:
    return f"""\
# Le territoire : qui il est et comment ses pages le nomment.
siren: "{epci.siren}"
nom: {quoted(epci.name)}
nom_court: {quoted(epci.short_name)}
departement: "{epci.department}"

# Couleur d’accent des pages (le contraste est vérifié).
accent: "#0f5c54"

# Le portail national, où chacun peut déposer sa demande en ligne.
portail_national: {PORTAL}

# Qui anime le service d’accueil et d’information : à compléter (telephone, courriel).
contact:
  service: {quoted(epci.name)}
"""


def _communes(epci: Epci) -> str:
    side = math.ceil(math.sqrt(len(epci.communes)))
    lines = [
        "# Les communes du territoire et leur case sur la carte schématique (colonnes d’ouest en est, lignes du nord",
        "# au sud, à partir de 1). Les cases sont données par ordre alphabétique : rapprochez-les de la géographie.",
        "# Source : découpage administratif, millésime 2026 (paquet @etalab/decoupage-administratif 6.0.0).",
        "communes:",
    ]
    for rank, commune in enumerate(epci.communes):
        codes = ", ".join(f'"{code}"' for code in commune.postal_codes)
        lines += [
            f'  - insee: "{commune.insee}"',
            f"    nom: {quoted(commune.name)}",
            f"    codes_postaux: [{codes}]",
            f"    population: {commune.population}",
            f"    colonne: {rank % side + 1}",
            f"    ligne: {rank // side + 1}",
        ]
    return "\n".join(lines) + "\n"


def _network(epci: Epci) -> str:
    lines = [
        "# Le réseau d’accueil : les organismes et leurs lieux. Préparé avec une mairie de niveau 1 par commune :",
        "# donnez à chacune son niveau, son adresse, son téléphone et ses horaires, puis ajoutez les bailleurs, les",
        "# réservataires et les partenaires. N’inventez rien : ce qui manque est dit sur la page.",
        "#",
        "# genre   commune, ccas, epci, landlord (bailleur), action_logement, state (État), department (Département),",
        "#         siao, adil, caf, cllaj, lda_platform (plateforme Logement d’abord), association",
        "# niveau  1 accueille et informe ; 2 accueille, informe et enregistre la demande ; absent : partenaire",
        "organismes:",
        f"  - id: {slug(epci.short_name)}-epci",
        "    genre: epci",
        f"    nom: {quoted(epci.name)}",
        "",
    ]
    for code, commune in _slugs(epci.communes):
        lines += [
            f"  - id: commune-{code}",
            "    genre: commune",
            f"    nom: {quoted(f'Commune {of(commune.name)}')}",
            "    lieux:",
            f"      - id: mairie-{code}",
            f"        nom: {quoted(f'Mairie {of(commune.name)}')}",
            "        niveau: 1",
            f'        commune: "{commune.insee}"',
            "        source: À compléter par la commune",
            "",
        ]
    return "\n".join(lines)


def _slugs(communes: tuple[NationalCommune, ...]) -> Iterator[tuple[str, NationalCommune]]:
    """Each commune with a short name of its own: two communes of an EPCI may share theirs."""
    seen: set[str] = set()
    for commune in communes:
        code = slug(commune.name)
        if code in seen:
            code = f"{code}-{commune.insee.lower()}"
        seen.add(code)
        yield code, commune
