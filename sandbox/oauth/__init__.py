"""Sign-in, approval and tokens, on Authlib."""
