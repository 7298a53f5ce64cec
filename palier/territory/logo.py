"""A territory's logo: an SVG file of shapes only, since anyone's browser will draw it."""

import hashlib
from xml.etree import ElementTree

from palier.common.text import number_fr

LIMIT = 20_000
SVG = "{http://www.w3.org/2000/svg}"
SHAPES = frozenset(
    "svg g path rect circle ellipse line polyline polygon title desc defs linearGradient radialGradient stop".split()  # noqa: SIM905
)


def logo_problem(content: bytes) -> str | None:
    """Why this file cannot be the logo, in one French sentence, or None when it can.

    Scripts, style sheets, links, images and entities are refused: shapes, colours and gradients are enough for a logo.
    """
    if len(content) > LIMIT:
        return f"logo trop lourd\u00a0: {number_fr(LIMIT)} octets au plus."
    if b"<!" in content.replace(b"<!--", b""):
        return "un logo ne contient ni DOCTYPE ni entité\u00a0: enregistrez-le en «\u00a0SVG simple\u00a0»."
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - no DOCTYPE, hence no entity
    except ElementTree.ParseError as error:
        return f"ce n’est pas un fichier SVG bien formé ({error})."
    if root.tag != f"{SVG}svg" or "viewBox" not in root.attrib:
        return "un logo est un fichier SVG avec l’attribut viewBox."
    for element in root.iter():
        tag = str(element.tag).removeprefix(SVG)
        if tag not in SHAPES:
            return f"élément «\u00a0{tag}\u00a0» interdit\u00a0: un logo ne contient que des formes."
        for name, value in element.attrib.items():
            local = name.rpartition("}")[2].lower()
            outward = "url(" in value.lower().replace("url(#", "") or "\\" in value or "@" in value
            if local.startswith("on") or local == "href" or outward or (":" in value and local != "style"):
                return f"attribut «\u00a0{local}\u00a0» interdit sur «\u00a0{tag}\u00a0»."
    return None


def version(content: str) -> str:
    """The mark of the logo in its address, so that browsers keep it until it changes."""
    return hashlib.sha256(content.encode()).hexdigest()[:12] if content else ""
