"""The REST API over a real socket, with the real server as its own process."""
