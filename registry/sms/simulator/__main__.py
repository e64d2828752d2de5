"""`python -m registry.sms.simulator --port P`: run the simulator until it is ended. The providers' keys stand in the
environment, as docs/sms.md names them; SMS_HTTP_KEY is needed."""

import argparse
import contextlib
import os
import signal
import sys
from typing import Any

from registry.sms.simulator.server import Simulator


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m registry.sms.simulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    port = parser.parse_args().port
    if not os.environ.get("SMS_HTTP_KEY"):
        return stop("SMS_HTTP_KEY is not set: callers prove themselves by it.")
    try:
        server = Simulator(port, dict(os.environ))
    except (OSError, OverflowError) as error:
        return stop(f"port {port} cannot be used ({error}): choose another with --port.")
    signal.signal(signal.SIGTERM, _leave)
    print(f"SMS simulator on http://127.0.0.1:{server.server_port}", flush=True)
    with contextlib.suppress(KeyboardInterrupt), server:
        server.serve_forever(poll_interval=0.1)
    return 0


def _leave(*_args: Any) -> None:
    raise KeyboardInterrupt


def stop(line: str) -> int:
    print(f"sms simulator: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
