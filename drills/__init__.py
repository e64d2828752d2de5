"""Outages repeated on a real stack: what people saw, minute by minute, and whether what we promise held.

A drill is a module of this package with `SUMMARY` and `def run(stage: Stage) -> Report`; `bin/drill` lists them.
docs/drills.md tells what each does and shows a run.
"""
