"""The stage that turns dossier segments into what the person receives."""
