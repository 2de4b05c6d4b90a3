"""The workspace of a program's staff: what was shared with them, and what they answer."""
