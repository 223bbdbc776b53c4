"""A table as a mapping from names to what they stand for."""

from collections.abc import Callable, ItemsView, Iterator, Mapping
from typing import Any, TypeVar, overload

from servestatic.errors import BuildError
from servestatic.releases.format.table import Table
from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new

_T = TypeVar("_T")
_D = TypeVar("_D")
_log = get_log()


class Column(Mapping[str, _T]):
    """A table whose keys are texts; the values found last are remembered.

    A look-up whose block is damaged finds nothing and logs one line, so that no request fails. Going through all
    values raises BuildError.

    Args:
        table: of bytes.
        decode: returns the value of a name; raises ValueError if it is damaged.
    """

    MAX_KNOWN = 1024
    FEW = 64  # names: a table with so many is searched only for those, since each page of an application is a miss

    def __init__(self, table: Table, decode: Callable[[str, bytes], _T]) -> None:
        self._table = table
        self._decode = decode
        self._known: dict[str, _T] = {}
        self._names: frozenset[bytes] | None = None  # all of a table with few
        self._is_small = len(table) <= self.FEW
        self.longest = table.longest

    @overload
    def get(self, key: str, /) -> _T | None: ...
    @overload
    def get(self, key: str, default: _T | _D, /) -> _T | _D: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        """Return the value of a name, or the default."""
        known = self._known.get(key)
        return known if known is not None else self._find(key, default)

    def _find(self, key: str, default: Any) -> Any:
        try:
            encoded = key.encode("utf-8", "surrogatepass")
            packed = self._table.find(encoded) if self._may_have(encoded) else None
            if packed is None:
                return default
            value = self._decode(key, packed)
        except (ValueError, BuildError) as error:
            if is_new(("damaged", self._table.name), str(error)):
                damaged = error if isinstance(error, BuildError) else self._table.damaged(error)
                _log.error("damaged data counts as absent: %s", damaged)
            return default
        if len(self._known) >= self.MAX_KNOWN:
            self._known.clear()
        self._known[key] = value
        return value

    def _may_have(self, key: bytes) -> bool:
        if self._is_small and self._names is None:
            try:
                self._names = frozenset(name for name, _ in self._table.items())
            except BuildError:  # a block is damaged: the others are still found
                self._is_small = False
        return self._names is None or key in self._names

    def __getitem__(self, key: str) -> _T:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._decoded())

    def __len__(self) -> int:
        return len(self._table)

    def items(self) -> ItemsView[str, _T]:
        """Return all names with their values, which are read block by block, in order of the names."""
        return _Items(self, self._decoded)

    def _decoded(self) -> Iterator[tuple[str, _T]]:
        for key, packed in self._table.items():
            try:
                name = key.decode()
                value = self._decode(name, packed)
            except ValueError as error:
                raise self._table.damaged(error) from error
            yield name, value


class _Items(ItemsView[str, _T]):
    def __init__(self, column: Column[_T], read: Callable[[], Iterator[tuple[str, _T]]]) -> None:
        super().__init__(column)
        self._read = read

    def __iter__(self) -> Iterator[tuple[str, _T]]:
        return self._read()
