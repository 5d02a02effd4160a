"""How an error tells that the database holds something that nobody wrote."""

from django.db import DatabaseError

_READING = ("from_db_value", "apply_converters", "results_iter", "execute_sql", "cursor_iter")
"""Where Django turns what the database gave into values."""


def damaged_record(error: Exception) -> bool:
    """Does an error say that a row cannot be read as what it should hold?  Told by where it was raised: while rows were read.

    SQLite says so in words when a page is broken, or when the name of a column was (every migration has run by then); a broken
    JSON text, date or number fails where Django turns columns into values.
    """
    if isinstance(error, DatabaseError):
        return any(words in str(error) for words in ("malformed", "not a database", "decode", "no such column", "no such table"))
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_name in _READING and frame.tb_frame.f_globals.get("__name__", "").startswith("django.db"):
            return True
        frame = frame.tb_next
    return False
