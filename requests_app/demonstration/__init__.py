"""Two made-up companies' databases, written from a seed together with the truth about whose rows are whose."""
