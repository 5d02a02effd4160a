"""Whole journeys through the real command line, real lenders' books among them."""
