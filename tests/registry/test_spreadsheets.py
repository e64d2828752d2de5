"""Cells of files that people open in a spreadsheet: none of them is run."""

import pytest

from registry.spreadsheets import harmless


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_it_puts_an_apostrophe_before_what_a_spreadsheet_would_compute(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "홍길동", "2021-07-10", "A=1", "'=1"])
def test_it_leaves_other_cells_as_they_are(cell):
    assert harmless(cell) == cell
