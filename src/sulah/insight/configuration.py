"""The configuration document as a value: sections of plain tables, written as Markdown or as one HTML page that needs nothing else."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #8888;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "td{overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere}"
)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the document: its heading, words before it, a table, and a text as it stands in a file."""

    ident: str
    title: str
    words: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The whole document; the same settings give the same document and digest, since nothing in it is the time of writing."""

    title: str
    sections: tuple[Section, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the Markdown without its last line: two copies with the same digest say the same."""
        return hashlib.sha256("\n".join(_lines(self)).encode()).hexdigest()


def as_markdown(configuration: Configuration) -> str:
    """The document as Markdown; cells hold no line breaks and no bare bars.

    >>> plain = Configuration("C", (Section("a", "A", "Words.", ("k", "v"), (("x|y", "1"),)),))
    >>> print(as_markdown(plain).splitlines()[8])
    | x\\|y | 1 |
    """
    return "\n".join((*_lines(configuration), f"Digest of this document: `{configuration.digest}`", ""))


def _lines(configuration: Configuration) -> Iterator[str]:
    yield f"# {configuration.title}"
    for section in configuration.sections:
        yield f"\n## {section.title}\n"
        if section.words:
            yield f"{section.words}\n"
        if section.columns:
            yield _row(section.columns)
            yield "|" + "---|" * len(section.columns)
            yield from (_row(row) for row in section.rows)
        if section.text:
            fence = "`" * 3 if "```" not in section.text else "~" * 5
            yield f"\n{fence}toml\n{section.text.rstrip()}\n{fence}"
    yield ""


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def as_html(configuration: Configuration) -> str:
    """The document as one HTML page without script or outside reference; all cells are escaped."""
    parts = ["<!doctype html>", '<html lang="en-IN"><head><meta charset="utf-8">', f"<title>{escape(configuration.title)}</title>"]
    parts += [f"<style>{_STYLE}</style></head><body><h1>{escape(configuration.title)}</h1>"]
    for section in configuration.sections:
        parts.append(f'<h2 id="{escape(section.ident)}">{escape(section.title)}</h2>')
        parts += [f"<p>{escape(section.words)}</p>"] if section.words else []
        if section.columns:
            parts.append("<table><thead><tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in section.columns) + "</tr></thead><tbody>")
            parts += ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in section.rows]
            parts.append("</tbody></table>")
        parts += [f"<pre>{escape(section.text)}</pre>"] if section.text else []
    parts.append(f"<p>Digest of this document: <code>{configuration.digest}</code></p></body></html>")
    return "\n".join(parts) + "\n"
