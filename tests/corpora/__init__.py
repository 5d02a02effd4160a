"""The corpora: lines written and labelled before the code that they measure."""
