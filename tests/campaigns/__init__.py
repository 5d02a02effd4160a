"""Fault campaigns on the real process: killed anywhere, out of disk anywhere, two at once; always the same bytes in the end."""
