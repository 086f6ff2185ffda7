"""The families of event features, one module each."""
