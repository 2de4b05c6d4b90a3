"""The programming interface under /api/v1/: one's own data, and a program's packages."""
