"""An independent, slow and plain reference of where each loan stands, written from the rules and ADR 2 alone."""
