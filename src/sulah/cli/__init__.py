"""The command line: sulah init, map, load, approve, day, check, export, replay, watch, explain, person, serve, demo, writeoff."""
