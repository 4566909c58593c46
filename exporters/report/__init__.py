"""The report a person reads in a browser: whole pages that need neither a network nor a script."""
