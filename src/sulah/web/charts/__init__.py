"""Charts drawn at the server as SVG in the page: no script, no style of their own, colours from the stylesheet's tokens."""
