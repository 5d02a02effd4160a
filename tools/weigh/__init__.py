"""Weighs open examples: learns the weights of the linter and of the reader of answers, and judges them writer by writer."""
