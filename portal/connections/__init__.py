"""Accounts at labs and hospitals: sources, the SMART client, the token vault, imports."""
