"""One file per act of a person or of the run: permission, change and audit together."""
