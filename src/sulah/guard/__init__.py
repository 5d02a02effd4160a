"""May we contact this person now?  Facts and rules in, a Permit or a Refusal out."""
