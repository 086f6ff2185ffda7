"""Measurements of the pipeline and of its results; each writes a page below docs/benchmarks."""
