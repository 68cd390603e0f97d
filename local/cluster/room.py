"""The places on the machine that only one cluster can have."""

import socket
import time

from local.cluster import addresses
from local.errors import LocalError

LINK_SECONDS = 5


def require() -> None:
    """Refuses when another cache's cluster, or anything else, stands where this one would."""
    if not wait_for_link_to_go():
        raise LocalError(
            f"the network link {addresses.HOST_LINK} exists already: a cluster of another cache folder "
            "or user runs on this machine. End it there with `make cluster-down`, or use that cache: "
            "XDG_CACHE_HOME names the folder above it"
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", addresses.REGISTRY_PORT))
        except OSError:
            raise LocalError(
                f"port {addresses.REGISTRY_PORT} on 127.0.0.1 is taken, and the registry wants it. "
                f"`ss -ltnp sport = :{addresses.REGISTRY_PORT}` names the program to end"
            ) from None


def wait_for_link_to_go() -> bool:
    """The kernel takes a network namespace apart a moment after its last process."""
    deadline = time.monotonic() + LINK_SECONDS
    while addresses.HOST_LINK in {name for _, name in socket.if_nameindex()}:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
