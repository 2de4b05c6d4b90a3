"""Tools of the people who develop and run the site: set-up, demo processes, checks."""
