"""Sharing: packages, the outbox, recall, and the program staff's workspace."""
