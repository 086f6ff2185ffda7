"""The service beside `mlflow models serve` and a plain FastAPI service, with the same forest."""
