"""Benchmark of the simulator: how near to the published tables, and what it costs."""
