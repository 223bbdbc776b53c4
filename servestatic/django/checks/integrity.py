"""Scripts without integrity, for a project that asks for it: under Integrity-Policy, browsers do not load them."""

from collections.abc import Iterator

from django.apps import apps

from servestatic.django.checks.check import Words
from servestatic.django.checks.media import all_entries, describe
from servestatic.django.checks.templates import compiled_templates
from servestatic.django.integrity.conversion import APP, convert
from servestatic.django.integrity.loader import find_elements

_TAG = "Write {{% static_integrity_attr {name} %}} into its tag, or use servestatic.django.integrity.loader.Loader."
_ELSEWHERE = "Write the `integrity` of its bytes beside it, or put the file among the static files; a view's has none."


def find_bare() -> Iterator[Words]:
    """Find scripts without integrity in templates and form media."""
    if not apps.is_installed(APP):
        return
    for template in compiled_templates():
        for element in find_elements(template.source):
            if element.is_script:
                how = _TAG.format(name=element.name) if element.name else _ELSEWHERE
                yield {"position": f"{template.origin}:{element.line}", "value": element.value, "how": how}
    found = {(describe(cls), value): None for cls, entry in all_entries() for value in _bare_sources(entry)}
    yield from ({"position": f"Media of {owner}", "value": value, "how": _ELSEWHERE} for owner, value in found)


def _bare_sources(entry: object) -> Iterator[str]:
    """Yield the sources of the scripts in an entry that the switch does not give integrity."""
    path = entry if isinstance(entry, str) else getattr(entry, "_path", "")
    if path and not path.startswith(("http://", "https://", "/")) and convert(entry) is not entry:
        return
    try:
        written = str(entry) if hasattr(entry, "__html__") else str(convert(entry))
    except Exception:  # noqa: BLE001 - the project's own code, which may need a request
        return
    yield from (element.value for element in find_elements(written) if element.is_script)
