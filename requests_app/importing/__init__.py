"""Lists of requests that came otherwise: read, checked line by line, and taken in once somebody wants it."""
