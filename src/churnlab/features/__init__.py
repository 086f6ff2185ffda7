"""Row-wise features: one module per study over a symbolic-friendly arithmetic."""
