"""What can be done with sources, connections and imports."""
