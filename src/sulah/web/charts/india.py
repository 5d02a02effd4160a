"""Where each state and union territory stands in the picture of India: a grid of equal tiles, so that small states can be read too.

The codes are those of vehicle registration and ISO 3166-2:IN; the places keep neighbours near each other, no border is drawn.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tile:
    """One state or union territory: its code, its name, other ways it is written, and its row and column from 0."""

    code: str
    name: str
    row: int
    column: int
    also: tuple[str, ...] = ()


TILES = (
    Tile("JK", "Jammu and Kashmir", 0, 2),
    Tile("LA", "Ladakh", 0, 3),
    Tile("PB", "Punjab", 1, 1),
    Tile("CH", "Chandigarh", 1, 2),
    Tile("HP", "Himachal Pradesh", 1, 3),
    Tile("UK", "Uttarakhand", 1, 4, ("Uttaranchal", "UT", "UA")),
    Tile("AR", "Arunachal Pradesh", 1, 8),
    Tile("RJ", "Rajasthan", 2, 1),
    Tile("HR", "Haryana", 2, 2),
    Tile("DL", "Delhi", 2, 3, ("NCT of Delhi", "New Delhi", "National Capital Territory of Delhi")),
    Tile("UP", "Uttar Pradesh", 2, 4),
    Tile("BR", "Bihar", 2, 5),
    Tile("SK", "Sikkim", 2, 6),
    Tile("AS", "Assam", 2, 7),
    Tile("NL", "Nagaland", 2, 8),
    Tile("GJ", "Gujarat", 3, 1),
    Tile("MP", "Madhya Pradesh", 3, 2),
    Tile("CG", "Chhattisgarh", 3, 3, ("CT", "Chattisgarh")),
    Tile("JH", "Jharkhand", 3, 4),
    Tile("WB", "West Bengal", 3, 5),
    Tile("ML", "Meghalaya", 3, 7),
    Tile("MN", "Manipur", 3, 8),
    Tile("DH", "Dadra and Nagar Haveli and Daman and Diu", 4, 0, ("DN", "DD", "Dadra and Nagar Haveli", "Daman and Diu")),
    Tile("MH", "Maharashtra", 4, 1),
    Tile("TG", "Telangana", 4, 2, ("TS",)),
    Tile("OD", "Odisha", 4, 3, ("Orissa", "OR")),
    Tile("TR", "Tripura", 4, 7),
    Tile("MZ", "Mizoram", 4, 8),
    Tile("GA", "Goa", 5, 1),
    Tile("KA", "Karnataka", 5, 2),
    Tile("AP", "Andhra Pradesh", 5, 3),
    Tile("AN", "Andaman and Nicobar Islands", 5, 6, ("Andaman and Nicobar",)),
    Tile("LD", "Lakshadweep", 6, 0),
    Tile("KL", "Kerala", 6, 2),
    Tile("TN", "Tamil Nadu", 6, 3, ("Tamilnadu",)),
    Tile("PY", "Puducherry", 6, 4, ("Pondicherry",)),
)


def _plain(text: str) -> str:
    words = text.lower().replace("&", " and ").replace("-", " ").replace(".", " ").replace("_", " ").split()
    return " ".join(word for word in words if word != "the")


_BY_NAME = {_plain(known): tile for tile in TILES for known in (tile.code, f"IN {tile.code}", tile.name, *tile.also)}


def tile_of(state: str | None) -> Tile | None:
    """The tile of a state as a lender writes it: its name or code in any case; None for a text that is no state.

    >>> tile_of("TAMIL NADU").code, tile_of("Jammu & Kashmir").code, tile_of("IN-BR").code, tile_of("Atlantis")
    ('TN', 'JK', 'BR', None)
    """
    return _BY_NAME.get(_plain(state or ""))
