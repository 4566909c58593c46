"""SQL sources: the data map compiled into one streaming SELECT per collection."""
