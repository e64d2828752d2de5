"""A day in a form of the desk: the browser's own calendar, which needs no script."""

from datetime import date
from typing import Any

from unfold.widgets import UnfoldAdminTextInputWidget


class DayInput(UnfoldAdminTextInputWidget):
    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else value
