"""The one exception that a user of Churnlab may see without a traceback."""


class ChurnlabError(Exception):
    """A mistake in the input, the parameters or the environment that the user can mend.

    The message names what is wrong, where it is, the offending value and what to do next.
    """
