"""Small tables of facts, each with its source and licence in its first lines."""
