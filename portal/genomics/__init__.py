"""What lab files say, as plain typed facts. Pure: no framework, clock, network or settings."""
