"""One module per model family; the file name is the family's name in params.yaml."""
