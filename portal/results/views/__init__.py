"""The pages of a person's results: thin doors, one file for each group of pages."""
