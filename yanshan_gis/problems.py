"""What is wrong with a definition file, in words for the planner who wrote it.

Pydantic finds the problems and names them in English for programmers; here its common kinds are
said again, so that they can be rendered in the reader's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yanshan_gis.errors import YanshanError
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_REASONS = {
    "missing": N_("this key is needed"),
    "extra_forbidden": N_("there is no such key"),
    "string_type": N_("a text in quotes is needed"),
    "bool_type": N_("true or false is needed"),
    "bool_parsing": N_("true or false is needed"),
    "int_type": N_("a whole number is needed"),
    "int_parsing": N_("a whole number is needed"),
    "int_from_float": N_("a whole number is needed"),
    "float_type": N_("a number is needed"),
    "float_parsing": N_("a number is needed"),
    "model_type": N_("a table in braces is needed"),
    "dict_type": N_("a table in braces is needed"),
    "tuple_type": N_("a list in square brackets is needed"),
    "list_type": N_("a list in square brackets is needed"),
    "date_type": N_("a date such as 2025-12-31 is needed"),
    "date_parsing": N_("a date such as 2025-12-31 is needed"),
    "date_from_datetime_inexact": N_("a date such as 2025-12-31 is needed"),
    "date_from_datetime_parsing": N_("a date such as 2025-12-31 is needed"),
    "literal_error": N_("one of {expected} is needed"),
    "string_pattern_mismatch": N_("the text does not fit the pattern {pattern}"),
    "greater_than": N_("a number above {gt} is needed"),
    "greater_than_equal": N_("a number of {ge} or more is needed"),
    "less_than": N_("a number below {lt} is needed"),
    "less_than_equal": N_("a number of {le} or less is needed"),
}


def reason_of(item: ErrorDetails) -> Notice | str:
    """Say what one validation problem is.

    Parameters
    ----------
    item
        One of ``ValidationError.errors()``.

    Returns
    -------
    Notice or str
        A notice for our own errors and pydantic's common ones; else pydantic's English text.
    """
    values = dict(item.get("ctx", {}))
    own = values.get("error")
    for error in (own, getattr(own, "__cause__", None)):
        if isinstance(error, YanshanError):
            return error.notice
    if isinstance(own, Exception):
        return str(own)
    text = _REASONS.get(item["type"])
    return Notice(item["type"].replace("_", "-"), text, values) if text else item["msg"]
