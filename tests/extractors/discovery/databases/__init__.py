"""Databases of made-up organisations, with the truth of whose every row is; for trying discovery on."""
