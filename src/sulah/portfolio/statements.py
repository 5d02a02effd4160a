"""The statements of the room, by the table that each one makes."""

from importlib.resources import files


def text(name: str) -> str:
    """The SQL text of a statement; FileNotFoundError for a table this room does not make."""
    return files("sulah.portfolio").joinpath(f"{name}.sql").read_text("utf-8")
