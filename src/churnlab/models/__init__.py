"""Model families, tuning, out-of-fold predictions, blending and export."""
