"""A second rule book: the contact rules typed again from the written page, to be compared with the guard."""
