"""Files of pass records: read, checked, looked at, taken in, and undone."""
