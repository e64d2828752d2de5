"""The access log after it was written (registry/audit.py): sealed, proven, read, reviewed by the month, destroyed."""
