"""Whether what is committed is what the committed code computes."""
