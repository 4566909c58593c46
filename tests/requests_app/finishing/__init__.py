"""Ending requests by themselves."""
