"""The stage that reads sources into dossier segments."""
