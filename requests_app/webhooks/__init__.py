"""Tells the organisation's other systems what happens: events, signed, sent until they are taken."""
