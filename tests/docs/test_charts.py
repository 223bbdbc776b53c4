"""The charts show what the reports say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from docs.generate.charts import CHARTS, FOLDER, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from docs.generate.charts import Chart

PAGES = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
def test_charts_are_current(draw: Callable[[], Chart]) -> None:
    chart = draw()
    picture = render(chart)
    assert (FOLDER / f"{chart.name}.svg").read_text("utf-8") == picture, "run python -m docs.generate.charts"
    assert ElementTree.fromstring(picture).get("aria-label") == chart.describe()
    assert "prefers-color-scheme: dark" in picture
    assert len(chart.bars) >= 2
    assert any(bar.ours for bar in chart.bars)


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
def test_pages_show_them_with_their_figures_as_text(draw: Callable[[], Chart]) -> None:
    chart = draw()
    texts = [path.read_text("utf-8") for path in PAGES.rglob("*.md")]
    shown = [
        match for text in texts for match in re.findall(rf"!\[([^]]*)\]\([./]*_static/charts/{chart.name}\.svg\)", text)
    ]
    assert shown == [chart.describe()]
    readme = (PAGES.parent / "README.md").read_text("utf-8")
    assert re.findall(rf"!\[([^]]*)\]\(docs/_static/charts/{chart.name}\.svg\)", readme) == [chart.describe()]
