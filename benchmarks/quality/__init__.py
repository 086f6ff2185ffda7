"""The champion's recipe and other tools on the same folds."""
