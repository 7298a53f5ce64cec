"""A territory's accent is readable everywhere it is used, or it is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palier.common import colour

colours = st.builds("#{:02x}{:02x}{:02x}".format, *[st.integers(0, 255)] * 3)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0f5c54", "#fbfaf7", 7.51),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert colour.contrast(one, other) == pytest.approx(ratio, abs=0.01)


@given(colours, colours)
def test_contrast_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert colour.contrast(one, other) == colour.contrast(other, one) >= 1


@given(colours)
def test_an_accepted_accent_is_read_on_every_ground_and_its_dark_shade_too(accent: str) -> None:
    if colour.accent_problem(accent) is None:
        pale, dark = colour.mix(accent, colour.WHITE, 0.12), colour.mix(accent, "#000000", 0.75)
        assert all(
            colour.contrast(text, g) >= 4.5 for text in (accent, dark) for g in (colour.PAPER, colour.WHITE, pale)
        )


@pytest.mark.parametrize("accent", ["#0f5c54", "#1a4f8b", "#7a1f3d"])
def test_a_dark_accent_is_accepted(accent: str) -> None:
    assert colour.accent_problem(accent) is None


def test_a_pale_accent_is_refused_with_its_ratio() -> None:
    assert "contraste de 1," in str(colour.accent_problem("#ffcc00"))


@pytest.mark.parametrize("accent", ["", "teal", "#fff", "#0f5c5g", "#0f5c54}", "0f5c54"])
def test_what_is_not_a_colour_is_refused(accent: str) -> None:
    assert "n’est pas une couleur" in str(colour.accent_problem(accent))
    with pytest.raises(ValueError, match="couleur attendue"):
        colour.luminance(accent)


def test_the_stylesheet_holds_nothing_but_the_three_shades() -> None:
    assert colour.stylesheet("#0f5c54") == ":root{--accent:#0f5c54;--accent-dark:#0b453f;--accent-pale:#e2ebea}\n"
