"""Finds out what a source that nobody described holds about people, and proposes a data map for it."""
