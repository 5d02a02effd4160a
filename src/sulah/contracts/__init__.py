"""One file per table that crosses rooms: columns, types, keys, units and meaning."""
