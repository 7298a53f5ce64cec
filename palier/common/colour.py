"""A territory's one colour: is it readable, and which shades go with it. Pure functions (WCAG 2.2, 1.4.3)."""

import re

PAPER = "#fbfaf7"
WHITE = "#ffffff"
MINIMUM = 4.5


def is_colour(value: str) -> bool:
    """Whether `value` is written `#rrggbb`."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", value) is not None


def _channels(colour: str) -> tuple[int, int, int]:
    if not is_colour(colour):
        raise ValueError(f"{colour!r} : couleur attendue sous la forme #rrggbb")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21, whichever colour comes first."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, ground: str, share: float) -> str:
    """`colour` laid on `ground`, `share` (0 to 1) of it."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def accent_problem(accent: str) -> str | None:
    """Why this accent cannot serve, in one French sentence, or None when it can.

    It must be read as text on paper and on its own pale tint, and under white text on a button.
    """
    if not is_colour(accent):
        return f"«\u00a0{accent}\u00a0» n’est pas une couleur\u00a0: écrivez-la sous la forme #0f5c54."
    worst = min(contrast(accent, ground) for ground in (PAPER, WHITE, mix(accent, WHITE, 0.12)))
    if worst < MINIMUM:
        ratio = f"{worst:.1f}".replace(".", ",")
        return (
            f"La couleur {accent} ne se lit pas assez bien\u00a0: contraste de {ratio} pour 1, "
            "il en faut 4,5. Choisissez-la plus foncée."
        )
    return None


def stylesheet(accent: str) -> str:
    """The few lines of CSS that give pages this accent."""
    dark, pale = mix(accent, "#000000", 0.75), mix(accent, WHITE, 0.12)
    return f":root{{--accent:{accent};--accent-dark:{dark};--accent-pale:{pale}}}\n"
