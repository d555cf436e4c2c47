"""Contrast of text, controls and the map, computed from the stylesheet: WCAG 2.2, 1.4.3 and 1.4.11.

What browsers judge leaves out borders within a drawing, and text over one.
"""

from __future__ import annotations

import itertools
import re

import pytest

from dti_platform.report.site.make import FOLDER

STYLE = (FOLDER / "site.css").read_text(encoding="utf-8")
COLOURS: dict[str, str] = dict(re.findall(r"--([\w-]+): #(\w{3,6})\b", STYLE))
FILLS = [name for name in COLOURS if name.startswith("fifth-")]
#: Every colour that text has, and every ground on which some stands.
INKS = sorted(set(re.findall(r"[{; ]color: var\(--([\w-]+)\)", STYLE)))
GROUNDS = sorted(set(re.findall(r"background: var\(--([\w-]+)\)", STYLE)) - set(FILLS))
TEXT, GRAPHICS = 4.5, 3


def luminance(colour: str) -> float:
    digits = COLOURS.get(colour, colour)
    whole = digits if len(digits) == 6 else "".join(each * 2 for each in digits)
    shares = [int(whole[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast("000", "fff") == pytest.approx(21)
    assert contrast("777777", "fff") == pytest.approx(4.48, abs=0.005)


def test_text_is_read_on_every_ground() -> None:
    assert {"ink", "soft", "link", "mark"} <= {*INKS}
    assert {"paper", "head", "mark-paper"} <= {*GROUNDS}
    faint = [pair for pair in itertools.product(INKS, GROUNDS) if contrast(*pair) < TEXT]
    assert faint == []


def test_controls_and_lines_of_a_chart_stand_out() -> None:
    assert [ground for ground in GROUNDS if contrast("border", ground) < GRAPHICS] == []
    assert contrast("link", "paper") >= GRAPHICS


def test_the_borders_of_a_map_stand_out_from_every_fill_and_from_white() -> None:
    (border,) = re.findall(r"figure\.map path, figure\.map circle \{ stroke: var\(--([\w-]+)\)", STYLE)
    assert [fill for fill in (*FILLS, "fff") if contrast(border, fill) < GRAPHICS] == []
    shades = [luminance(fill) for fill in FILLS]
    assert shades == sorted(shades)
    assert len(shades) == 5
