"""What a person wrote in answer to one of our messages: the new part, above what her mail program quoted.

Mail programs mark what they quote in ways of their own; those seen most are known here, and whatever is not known stays in the text: too
much is better than a lost word.  Nothing here is a standard; RFC 3676 4.5 (space-stuffed `>`) and 4.3 (`-- ` before a signature) are.
"""

import re
from html.parser import HTMLParser

LONGEST = 4_000
_INTRO = re.compile(
    r"(?:"
    r"On\b.{4,200}\bwrote\s*:"  # English, most programs
    r"|.{0,200}\bने\s+(?:यह\s+)?लिखा\s*:?"  # Hindi
    r"|.{4,200}<[^<>\s]{3,100}@[^<>\s]{3,100}>\s*(?:wrote)?\s*:"  # a date and an address, whatever the language
    r"|-{2,}\s*(?:Original Message|Forwarded message|मूल संदेश)\s*-{2,}"
    r"|_{20,}"
    r")"
)
_HEADER = re.compile(r"(?:\*?From\*?|प्रेषक)\s*:.{3,200}")
_NEXT_HEADER = re.compile(r"\*?(?:Sent|To|Date|Subject|Cc)\*?\s*:.*")
_SENT_FROM = re.compile(r"(?:Sent from my\b.{0,60}|Get Outlook for\b.{0,40}|Sent from Yahoo.{0,40})")
_MOST_LINES = 2_000


def new_part(text: str) -> str:
    """The new part of a plain text.

    >>> new_part("5 tareekh ko 500\\n\\nOn Mon, 23 Nov 2026 at 10:00, Kaveri <care@kaveri.example> wrote:\\n> Rs 500 is due.\\n")
    '5 tareekh ko 500'
    >>> new_part("> Rs 500 is due.\\nI have paid this.\\n-- \\nAsha")
    'I have paid this.'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_MOST_LINES]
    kept: list[str] = []
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else ""
        bare = line.strip()
        if line == "-- " or _ends(bare[:400], following.strip()[:400]):
            break
        if not bare.startswith(">") and not _SENT_FROM.fullmatch(bare[:100]):
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()[:LONGEST]


def _ends(line: str, following: str) -> bool:
    """Does the quoted part begin here?  Programs break a long introduction over two lines."""
    if _INTRO.fullmatch(line) or (_HEADER.fullmatch(line) and _NEXT_HEADER.fullmatch(following)):
        return True
    return line.startswith("On ") and bool(_INTRO.fullmatch(f"{line} {following}"))


class _Words(HTMLParser):
    """The words of a page, without scripts, styles and what is quoted."""

    _LINES = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table"})
    _LEFT_OUT = frozenset({"script", "style", "head", "title", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Where a line begins, or something that is left out."""
        quoted = tag == "div" and any(name == "class" and "quote" in (value or "") for name, value in attrs)
        if self._out or tag in self._LEFT_OUT or quoted:
            if tag in ("div", *self._LEFT_OUT) and len(self._out) < 200:
                self._out.append(tag)
        elif tag in self._LINES:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Where what is left out ends."""
        if tag in self._out:
            while self._out.pop() != tag:
                continue
        elif not self._out and tag in self._LINES:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._out:
            self.found.append(" ".join(data.split()) if data.strip() else " ")


def words_of_page(page: str) -> str:
    """The words of an HTML page, for an answer that has no plain text.

    >>> words_of_page("<style>x</style><div>Paid <b>today</b></div><div class='gmail_quote'><div>old</div>Rs 500</div>")
    'Paid today'
    """
    reader = _Words()
    reader.feed(page[:200_000])
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]+", " ", " ".join(reader.found)))
    return re.sub(r"\n{2,}", "\n", text).strip()
