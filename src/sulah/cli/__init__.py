"""The command line: sulah init, map, load, approve, day, check, export, replay, explain, person, serve, demo."""
