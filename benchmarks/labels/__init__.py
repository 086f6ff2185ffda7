"""Both labels of the study of sellers, beside each other."""
