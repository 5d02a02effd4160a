"""Sulah: collections for Indian lenders, every contact lawful, every rupee and decision traceable."""
