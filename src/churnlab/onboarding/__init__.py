"""A table of one's own: what its columns are, a catalog that says so, a study in params.yaml."""
