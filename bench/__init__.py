"""What Munjigi can do, each as a ratio to a floor measured in the same run. `bin/bench` lists the names.

A bench is a module of this package with `def run() -> Iterable[Result]`; `bench.town.town()` is the running stack.
"""
