"""Looks around in a SQL source: what is there, what samples look like, and what belongs together."""

from extractors.sql.inventory.agreeing import compare_rows
from extractors.sql.inventory.taking import take_inventory

__all__ = ["compare_rows", "take_inventory"]
