"""The policy room: dated rows with a citation, checked for gaps and overlaps."""
