"""The stage that sorts what came: spam set aside, requests of one person linked, what was asked twice closed once."""
