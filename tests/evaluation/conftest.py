"""Property tests here run the same examples every time, however busy the machine is."""

from hypothesis import settings

settings.register_profile("evaluation", deadline=None, derandomize=True)
settings.load_profile("evaluation")
