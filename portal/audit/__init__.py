"""The append-only trail of who did what, hash-chained per patient."""
