"""From published bytes to typed, checked and split rows."""
