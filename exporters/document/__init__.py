"""The document a person reads on paper: a cover, why data is held, contents with page numbers, the data."""
