"""False findings of the comparison."""
