"""`python -m registry.sms.simulator --port P`: run the simulator until it is ended. The providers' keys stand in the
environment, as docs/sms.md names them; SMS_HTTP_KEY is needed."""

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from registry.sms.simulator import mail
from registry.sms.simulator.readers import Readers
from registry.sms.simulator.server import Simulator


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m registry.sms.simulator", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--readers", metavar="ADDRESS:PORT", help="show the messages there as well, over HTTPS")
    parser.add_argument("--tls", type=Path, metavar="FOLDER", help="with certificate.pem, key.pem, authority.pem")
    parser.add_argument("--smtp", type=int, metavar="PORT", help="take mails there, and show them beside the texts")
    given = parser.parse_args()
    port = given.port
    if not os.environ.get("SMS_HTTP_KEY"):
        return stop("SMS_HTTP_KEY is not set: callers prove themselves by it.")
    try:
        server = Simulator(port, dict(os.environ))
        if given.smtp:
            mail.start(given.smtp, server.store)
        if given.readers:
            address, _, readers_port = given.readers.rpartition(":")
            Readers((address, int(readers_port)), given.tls, server.store).start()
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
