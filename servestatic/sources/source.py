"""What may be named as a source: a directory, whatever yields files, or a list of these."""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import TypeAlias

from servestatic.assets.file import File, Skipped

Source: TypeAlias = str | PathLike[str] | Iterable[File | Skipped] | Sequence["Source"]
