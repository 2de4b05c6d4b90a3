"""What leaves: programs, packages, deliveries, recalls, and the staff who read what was shared."""
