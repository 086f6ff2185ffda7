"""The analysts' page: HTML from the process that scores, readable without JavaScript."""
