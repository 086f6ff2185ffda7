"""Scores of tables of any length, by the exported bundle: on this machine, or on Spark."""
