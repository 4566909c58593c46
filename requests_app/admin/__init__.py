"""The team's console, built on the Django admin: one small module per model."""
