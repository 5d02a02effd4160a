"""Places and distances."""
