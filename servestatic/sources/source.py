"""What may be named as a source: a directory, or whatever yields files."""

from collections.abc import Iterable
from os import PathLike
from typing import TypeAlias

from servestatic.assets.file import File, Skipped

Source: TypeAlias = str | PathLike[str] | Iterable[File | Skipped]
