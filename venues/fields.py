"""Columns as they are compared: the name and address of a venue, however spaced and written."""

from django.db.models import Func


class PlainColumn(Func):
    """A text without spaces and ASCII punctuation, in small letters: "시험로 1" and "시험로1" are the same. The pattern
    is part of the statement, so that an index is found by it."""

    function = "regexp_replace"
    template = r"regexp_replace(lower(%(expressions)s), '[\s!-/:-@\[-`{-~]', '', 'g')"
    arity = 1
