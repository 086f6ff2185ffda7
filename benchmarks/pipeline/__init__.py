"""Time and memory of the pipeline, and the share of it that is not work on the data."""
