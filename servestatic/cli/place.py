"""Places as commands read them: what goes wrong is a sentence with the place and the remedy."""

from servestatic.errors import BuildError
from servestatic.releases.document import Document
from servestatic.releases.known import read_document
from servestatic.releases.place import Place


def read_release(place: Place, release: str) -> Document:
    """Read the document of a release.

    Raises:
        BuildError: the place does not have it, or cannot be reached, or the document is damaged.
    """
    try:
        return read_document(place, release)
    except FileNotFoundError as error:
        raise BuildError(f"{place.name} has no release {release}: see `servestatic releases list`.") from error
    except OSError as error:
        raise unreachable(place, error) from error


def unreachable(place: Place, error: OSError) -> BuildError:
    """Return the error of a place that cannot be read or written."""
    return BuildError(f"{place.name}: {error.strerror or error}. Name another place, or correct its credentials.")
