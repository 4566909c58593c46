"""The stage that changes sources: what is shown, approved and done, what is kept for years, what is done again."""
