"""The pods' chains of blocks, counted from outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.demo.cluster import Namespace


@dataclass(frozen=True, kw_only=True)
class Head:
    """A chain's newest block, and how the chain is kept."""

    height: int
    state_root: str
    format: int
    phase: str | None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The chains before a step and after it."""

    before: Mapping[str, Head]
    """By pod; empty before there was one."""
    after: Mapping[str, Head]
    lost: Mapping[str, int]
    """By pod: blocks of before that are not there any more, or lead to another state."""


def heads(namespace: Namespace) -> dict[str, Head]:
    """Ask every pod that is ready."""
    found = {pod: namespace.ask(pod, "/chain") for pod in namespace.ready()}
    return {
        pod: Head(
            height=said["height"],
            state_root=said["state_root"],
            format=said["format"],
            phase=said["phase"] or None,
        )
        for pod, said in found.items()
    }


def count(namespace: Namespace, before: Mapping[str, Head]) -> Counted:
    """Compare every chain with what it was."""
    after = heads(namespace)
    lost = {pod: _lost(namespace, pod, was, after.get(pod)) for pod, was in before.items()}
    return Counted(before=before, after=after, lost=lost)


def _lost(namespace: Namespace, pod: str, was: Head, now: Head | None) -> int:
    if now is None:
        return was.height
    if now.height < was.height:
        return was.height - now.height
    # A root sums up all blocks below it, so one that differs says that any of them may be another.
    same = namespace.ask(pod, f"/chain/{was.height}")["state_root"] == was.state_root
    return 0 if same else was.height
