"""The champions in service over HTTP. Runs without any library that trains."""
