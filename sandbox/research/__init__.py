"""A research program: it takes in what people share, and takes it out again."""
