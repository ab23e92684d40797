"""Which TCP ports nobody listens on."""

import errno
import socket
from collections.abc import Collection

from tacit.config.processes import ProcessError

TRIES = 100


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now.

    Raises ProcessError when this user may never listen there (ports below 1024 are root's).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)  # some systems let two bind, but not two listen
        except OSError as error:
            if error.errno == errno.EACCES:
                raise ProcessError(f"Port {port} is reserved for root; choose one above 1023.") from None
            return False
    return True


def free(host: str, first: int, *, besides: Collection[int] = ()) -> int:
    """`first`, or the next port after it that is free. Raises ProcessError when a hundred are taken."""
    for port in range(first, min(first + TRIES, 65536)):
        if port not in besides and is_free(host, port):
            return port
    raise ProcessError(f"The ports from {first} on are all taken; choose another with --port.")
