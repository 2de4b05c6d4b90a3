"""The site, and the patient's own record."""
