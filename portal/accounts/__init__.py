"""Who someone is: users, roles, people they act for, sign-in rules, sealing of secrets."""
