"""The measures against an oracle that was written from their definitions, over the exported tables of committed days."""
