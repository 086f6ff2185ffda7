"""The sections of the page, by subject: each function reads results and returns blocks."""
