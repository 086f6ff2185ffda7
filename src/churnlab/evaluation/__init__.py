"""Judgement of predictions: metrics, intervals, tests, error analysis. Never sees a model."""
