"""Published event tables, verified, typed, checked by declared rules and laid out for features."""
