"""Pipelines and blends as one ONNX graph that takes the columns of the prepared table."""
