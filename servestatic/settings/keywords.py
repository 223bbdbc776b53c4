"""The settings as keyword arguments, so that editors complete them and type checkers refuse misspelt ones."""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Literal, TypeAlias, TypedDict

from servestatic.assets.policy import Cors
from servestatic.disk.trust import FollowSymlinks
from servestatic.settings.convert import Age, HeadersFunction
from servestatic.settings.model import Compress

Text: TypeAlias = str | PathLike[str]
Texts: TypeAlias = Sequence[Text]  # or one text, with the separator of paths between them
Paths: TypeAlias = Text | Texts


class FollowedDict(TypedDict, total=False):
    """The settings of `servestatic.live`: all but `live`, and `sources`, which come before the keywords."""

    prefix: Text
    fingerprints: bool
    max_age: Age
    cors: Cors
    strict: bool
    pages: bool
    immutable: Texts | Callable[[str], object]
    manifests: Paths
    index_file: Paths
    clean_urls: bool
    headers: Mapping[str, Mapping[str, str]] | HeadersFunction
    store: Text
    releases: Text
    deltas: bool
    compress: Compress
    build: Text
    root: Paths
    single_page: Text
    not_found: Text
    follow_symlinks: FollowSymlinks
    application: Text
    application_interface: Literal["", "asgi", "wsgi"]


class SettingsDict(FollowedDict, total=False):
    """The settings of `servestatic.collect` and of the frameworks' entrances."""

    live: bool
