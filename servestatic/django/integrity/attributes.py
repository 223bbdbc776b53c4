"""The attributes of an element that loads a file of the index: the digest of its bytes, and CORS."""

from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms.utils import flatatt
from django.utils.safestring import SafeString

from servestatic.assets.importmap import integrity_of
from servestatic.assets.names import path_of
from servestatic.django.holder import holder


def find_attributes(name: str, url: str) -> dict[str, str]:
    """Return the attributes for a name whose URL a page has; none if its bytes are unavailable.

    `crossorigin` is one of them: the bytes of another origin are only compared if they may be read (SRI §3.3.2), and
    Integrity-Policy blocks requests without CORS even to the page's own origin (SRI §3.8).
    """
    metadata = integrity_of(holder.index(), path_of(name), path_of(url))
    if not metadata:
        return {}
    return {"integrity": metadata, "crossorigin": "anonymous"}


def write_attributes(name: str) -> SafeString:
    """Return the attributes as a template writes them, without the space before them."""
    return SafeString(flatatt(find_attributes(name, staticfiles_storage.url(name))).strip())  # escaped there
