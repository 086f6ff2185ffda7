"""The champion of a study: scoring, explanation, and export as a portable bundle."""
