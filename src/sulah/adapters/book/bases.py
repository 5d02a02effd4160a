"""The loads whose files together are a load, as the records name them: itself, and its base where it lies in layers."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from sulah.adapters.book.layers import LAYERED
from sulah.records.load import Load


def with_base(load: Load) -> tuple[Load, ...]:
    """A load and, where it lies in layers, its base: whose files together are the load."""
    base = load.report.get("base", "")
    return (load, Load.objects.get(pk=base)) if base else (load,)


def digests_with_base(book: Path, load: Load) -> Iterator[tuple[Load, Path, Mapping[str, str]]]:
    """The load and its base with their folders and the digests of the files that the load is made of."""
    for place, part in enumerate(with_base(load)):
        given: Mapping[str, str] = part.report.get("digests", {})
        yield part, book / part.path, given if place == 0 else {name: digest for name, digest in given.items() if _in_layers(name)}


def _in_layers(name: str) -> bool:
    """Is the file, by its path in the folder of a base, one of a table that lies in layers?"""
    folder, _, rest = name.partition("/")
    return (rest.removesuffix(".parquet") if folder == "accepted" else folder) in LAYERED
