"""Spreadsheets (Office Open XML), written as they are read: what exists would put clear rows into temporary files."""
