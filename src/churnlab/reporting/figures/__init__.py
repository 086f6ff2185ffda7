"""Drawings of a study, by subject: each function takes plain data and returns a figure."""
