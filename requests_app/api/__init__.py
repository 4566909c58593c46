"""The routes for programs: each family one thin module over the same stages as the pages."""
