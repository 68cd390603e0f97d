"""What a demo that was killed left behind, put right before the next one."""

import json
import socket
import subprocess
from pathlib import Path

from local.demo.cluster import Namespace
from local.demo.stack import Stack


def mend(stack: Stack, state: Path, namespace: Namespace) -> list[str]:
    """Remove locks of updates that are dead, and end what Helm began; what was done, for people."""
    done: list[str] = []
    locks = [json.loads(lock.read_text()) for lock in state.glob(f".pulumi/locks/*/alys/{stack.name}/*.json")]
    if any(map(_alive, locks)):
        return done
    if locks:
        stack.cancel()
        done.append("removed the lock of an update that was killed")
    if _helm_status(namespace).startswith("pending-"):
        _helm(namespace, "rollback", "alys-node", "--wait", "--timeout", "60s")
        done.append("ended what Helm had begun with helm rollback")
    return done


def _alive(lock: dict[str, str | int]) -> bool:
    # A lock of another machine counts as alive: nobody can tell from here.
    return lock["hostname"] != socket.gethostname() or Path("/proc", str(lock["pid"])).exists()


def _helm_status(namespace: Namespace) -> str:
    said = _helm(namespace, "status", "alys-node", "--output", "json")
    return json.loads(said.stdout)["info"]["status"] if said.returncode == 0 else ""


def _helm(namespace: Namespace, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["helm", *arguments, "--kube-context", namespace.context, "--namespace", namespace.name]
    return subprocess.run(command, capture_output=True, text=True, check=False)
