"""Pages and programming interface, rendered on the server, working with no outside host."""
