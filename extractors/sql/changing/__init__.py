"""Changes a SQL source: rows are fixed first, then judged and changed, set-based, in one transaction."""
