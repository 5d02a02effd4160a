"""The corpora: lines written and labelled without sight of the code that they measure."""
