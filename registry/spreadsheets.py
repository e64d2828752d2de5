"""Files that people open in a spreadsheet: how it knows UTF-8, and that no cell is run."""

BOM = "\ufeff"  # by which Excel knows UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # with which a cell begins that a spreadsheet would compute


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that looks like it has an apostrophe in front (OWASP, "CSV
    Injection")."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
