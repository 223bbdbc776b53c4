"""The documentation as a site: `make docs`."""

import re
import tomllib
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

_HERE = Path(__file__).parent
_project = tomllib.loads((_HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]

project = "servestatic"
release = version = _project["version"]
copyright = "the servestatic maintainers"  # noqa: A001 - the name that Sphinx reads
html_title = f"servestatic {version}"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "sphinx_design"]
exclude_patterns = ["_build"]
nitpicky = False  # docstrings name types of the standard library, whose inventory is not asked for

# Links of Markdown lead to headings by the names that code hosts give them.
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

# Docstrings: Markdown's single backticks are code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

smartquotes = False  # what is quoted is often typed

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_favicon = "_static/mark.svg"
html_show_sphinx = False
html_copy_source = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_logo": "mark.svg",
    "dark_logo": "mark.svg",
    "light_css_variables": {
        "color-brand-primary": "#0b6e5f",
        "color-brand-content": "#0b6e5f",
        "font-stack": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
        "font-stack--monospace": "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    },
    "dark_css_variables": {"color-brand-primary": "#5fd3bc", "color-brand-content": "#5fd3bc"},
}
# Prompts are not copied, and neither is what a command prints.
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
copybutton_exclude = ".linenos, .gp, .go"


def _drop_pages_to_come(_: Sphinx, page: str, source: list[str]) -> None:
    """Drop from a table of contents the lines `name?` whose page is not written yet: they keep its place."""
    folder = (_HERE / page).parent

    def keep(line: re.Match[str]) -> str:
        return line[1] + "\n" if (folder / f"{line[1]}.md").exists() else ""

    source[0] = re.sub(r"^([\w-]+)\?\n", keep, source[0], flags=re.MULTILINE)


def _write_dashes(_app: Sphinx, doctree: nodes.document, _page: str) -> None:
    """Write the dashes that stand behind the parameters of the API, without touching options such as --store."""
    for text in [*doctree.findall(nodes.Text)]:
        if text == " -- ":
            text.parent.replace(text, nodes.Text(" – "))


def setup(app: Sphinx) -> None:
    """Have both done."""
    app.connect("source-read", _drop_pages_to_come)
    app.connect("doctree-resolved", _write_dashes)
