"""Certificates: what they record, and the archival document that says it."""
