"""The pass format, version 1 (docs/pass-format.md): pure, the same in JavaScript."""
