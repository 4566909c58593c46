"""Keys: each artefact has its own, wrapped by its request's, wrapped by the ring of the setting DSR_KEYS."""
