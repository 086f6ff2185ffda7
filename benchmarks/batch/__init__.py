"""Rows per second of batch scoring, on this machine and on Spark."""
