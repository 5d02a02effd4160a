"""Calls: a person's call put through by a provider that masks the number, and automated calls that say so and take keys as answers."""
