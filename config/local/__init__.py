"""What demo, tests and benches bring along: servers of their own, the processes of the stack, and `bin/run` itself."""
