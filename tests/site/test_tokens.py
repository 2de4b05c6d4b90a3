"""The colours of the site can be read by people with weak sight."""

import re
from pathlib import Path

import pytest

TOKENS = Path("portal/assets/_tokens.scss").read_text()
COLOURS = dict(re.findall(r"^\$([\w-]+): (#[0-9a-f]{6});", TOKENS, re.MULTILINE))
GROUPS = ["soon", "medicines", "pass-on", "unclear", "nothing", "tumour"]

TEXT_PAIRS = [
    *[
        (text, ground)
        for text in ("ink", "ink-soft", "link")
        for ground in ("paper", "card", "mist")
    ],
    ("link-visited", "paper"),
    ("brand", "brand-tint"),
    ("brand", "mist"),
    ("card", "brand"),
    ("card", "brand-deep"),
    ("card", "action"),
    ("card", "warning"),
    ("error", "card"),
    ("error", "paper"),
    ("error", "error-tint"),
    ("ink", "focus"),
    *[(group, f"{group}-tint") for group in GROUPS],
    *[(group, "card") for group in GROUPS],
]
MARK_PAIRS = [
    ("line-strong", "card"),
    ("line-strong", "paper"),
    ("focus", "brand"),
    ("brand", "line"),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(COLOURS[colour][i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_marks_and_borders_of_fields_stand_out(mark: str, ground: str) -> None:
    assert contrast(mark, ground) >= 3


def test_the_groups_of_results_differ_also_in_grey() -> None:
    greys = sorted(luminance(group) for group in GROUPS)

    # Shape and word carry the meaning; this only guards against two groups with one colour.
    assert len({COLOURS[group] for group in GROUPS if group != "nothing"}) == 5
    assert greys[-1] < 0.18
