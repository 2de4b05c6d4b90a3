"""The pages about consent: for patients, and for consent admins."""
