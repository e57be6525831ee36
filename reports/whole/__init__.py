"""The whole exit: all data of one clinic as a folder that proves itself, and its way into an empty system."""


class Refused(Exception):
    """Nothing was written or read in; the text tells the person at the console why."""
