"""Every picture of a study by name, drawn from the pipeline's files when it is asked for."""

from churnlab.reporting.gallery.drawing import Drawing, Gallery

__all__ = ["Drawing", "Gallery"]
