"""The footer of a Parquet file in one order: Spark lists the encodings of a column in that of a Java hash set, another in each process.

The footer is Thrift's compact protocol (parquet.thrift: FileMetaData 4 row_groups, RowGroup 1 columns, ColumnChunk 3 meta_data,
ColumnMetaData 2 encodings).  Only the order of that list changes, so every length and offset stays.
"""

from collections.abc import Callable

MAGIC = b"PAR1"
TAIL = 8
"""Bytes behind the footer: its length, little-endian, and the magic."""

_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(13)
_VARINTS = (_I16, _I32, _I64)
_ENCODINGS_AT = (4, 1, 3, 2)


class FooterError(ValueError):
    """The bytes are no Parquet footer; what was expected and where."""


def in_one_order(footer: bytes) -> bytes:
    """The footer with the encodings of every column in ascending order; FooterError when it cannot be read to its end."""
    walker = _Walker(bytearray(footer))
    try:
        walker.struct(_ENCODINGS_AT)
    except IndexError as error:
        raise FooterError(f"the footer ends inside a value, after {len(footer)} bytes") from error
    if walker.place != len(footer):
        raise FooterError(f"the footer ends at byte {walker.place} of {len(footer)}")
    return bytes(walker.bytes)


class _Walker:
    """Goes over a structure once; what lies at the path of field numbers is put in order on the way."""

    def __init__(self, given: bytearray) -> None:
        self.bytes = given
        self.place = 0

    def struct(self, path: tuple[int, ...] = ()) -> None:
        """All fields; path: the numbers that lead from here to the list."""
        field = 0
        while (head := self._byte()) != _STOP:
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            self._value(head & 15, path[1:] if path[:1] == (field,) else None)

    def _value(self, kind: int, path: tuple[int, ...] | None) -> None:
        if kind in (_TRUE, _FALSE):
            return
        if kind in (_LIST, _SET):
            self._items(path)
        elif kind == _STRUCT:
            self.struct(path or ())
        elif kind == _MAP:
            self._pairs()
        else:
            self._plain(kind)

    def _plain(self, kind: int) -> None:
        if kind in _VARINTS:
            self._varint()
        elif kind == _BINARY:
            length = self._varint()
            self.place += length
        elif kind in (_BYTE, _DOUBLE):
            self.place += 1 if kind == _BYTE else 8
        else:
            raise FooterError(f"there is no kind {kind} of value, at byte {self.place}")

    def _items(self, path: tuple[int, ...] | None) -> None:
        head = self._byte()
        size, kind = (head >> 4 if head >> 4 < 15 else self._varint()), head & 15
        if path == () and kind == _I32:
            begun = self.place
            values = sorted((self._taken(self._varint) for _ in range(size)), key=lambda taken: (len(taken), taken))
            self.bytes[begun : self.place] = b"".join(values)
            return
        for _ in range(size):
            if kind in (_TRUE, _FALSE):
                self._byte()
            else:
                self._value(kind, path)

    def _pairs(self) -> None:
        size = self._varint()
        kinds = self._byte() if size else 0
        for _ in range(size):
            for kind in (kinds >> 4, kinds & 15):
                self._byte() if kind in (_TRUE, _FALSE) else self._value(kind, None)

    def _taken(self, read: Callable[[], int]) -> bytes:
        begun = self.place
        read()
        return bytes(self.bytes[begun : self.place])

    def _byte(self) -> int:
        self.place += 1
        return self.bytes[self.place - 1]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
