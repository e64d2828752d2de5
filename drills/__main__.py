"""`bin/drill`: list the drills; `bin/drill NAME`: run one. Exits 0 only if every promise held."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType, ModuleType

import drills
from config.local.accounts import EmbeddedError
from config.local.processes import StackError
from drills.chart import svg
from drills.report import Report
from drills.stage import Stage


class Stopped(Exception):
    """A signal asked us to end."""


def names() -> dict[str, str]:
    """Every drill by its name, with the module that it is."""
    modules = sorted(module.name for module in pkgutil.iter_modules(drills.__path__))
    return {name.replace("_", "-"): name for name in modules if hasattr(_module(name), "SUMMARY")}


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"drills.{name}") if name != "__main__" else drills


def listing() -> str:
    """The drills, a line each."""
    known = names()
    width = max(len(name) for name in known)
    return "\n".join(f"  {name:<{width}}  {_module(module).SUMMARY}" for name, module in known.items())


def run(name: str) -> Report:
    """Run one drill on a stage of its own, which is gone afterwards however it ends."""
    stage = Stage(f"munjigi-drill-{name}-")
    try:
        return _module(names()[name]).run(stage)
    finally:
        stage.stop()


def on_signal(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # we are ending already
    raise Stopped


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bin/drill",
        description="Repeats an outage on a stack of its own and tells whether what we promise held. "
        "Without a name: lists the drills.",
    )
    parser.add_argument("name", nargs="?", choices=list(names()), metavar="NAME", help="the drill to run")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg", help="draw what people saw")
    chosen = parser.parse_args()
    if chosen.name is None:
        print(f"bin/drill NAME runs one of these; docs/drills.md tells how to read it.\n\n{listing()}")
        return 0
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, on_signal)
    began = time.monotonic()
    try:
        report = run(chosen.name)
    except Stopped:
        return 130
    except (StackError, EmbeddedError) as reason:
        print(f"bin/drill: {reason}", file=sys.stderr)
        return 1
    print(
        f"\n{report.text()}\n\n{report.name} {'held' if report.held else 'BROKEN'} ({time.monotonic() - began:.0f} s)"
    )
    if chosen.chart:
        chosen.chart.write_text(svg(report.chart))
    return 0 if report.held else 1


if __name__ == "__main__":
    sys.exit(main())
