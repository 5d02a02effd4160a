"""Pages of the collection agent: worklist and loan."""
