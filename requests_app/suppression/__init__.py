"""Whose data must not be used for what: asked by the organisation's systems before they use it."""
