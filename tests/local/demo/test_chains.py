"""Blocks are counted, and a loss is seen."""

from dataclasses import dataclass, field

import pytest

from local.demo.chains import Head, count, heads

ROOTS = {height: f"root of {height}" for height in range(200)}


@dataclass
class Pods:
    """What the namespace's one pod answers."""

    height: int = 120
    roots: dict = field(default_factory=lambda: dict(ROOTS))
    names: tuple = ("alys-node-0",)

    def ready(self):
        return list(self.names)

    def ask(self, _, path):
        height = int(path.removeprefix("/chain/")) if path != "/chain" else self.height
        said = {"height": height, "state_root": self.roots[height]}
        return said if path != "/chain" else said | {"format": 1, "phase": None}


BEFORE = {"alys-node-0": Head(height=100, state_root=ROOTS[100], format=1, phase=None)}


def test_a_chain_that_has_grown_has_lost_nothing():
    counted = count(Pods(), BEFORE)
    assert (counted.lost, counted.after["alys-node-0"].height) == ({"alys-node-0": 0}, 120)


@pytest.mark.parametrize(
    ("pods", "lost"),
    [
        (Pods(height=97), 3),
        (Pods(roots={**ROOTS, 100: "another"}), 100),
        (Pods(names=()), 100),
    ],
    ids=["shorter", "another history", "gone"],
)
def test_blocks_that_are_not_there_any_more_are_lost(pods, lost):
    assert count(pods, BEFORE).lost == {"alys-node-0": lost}


def test_before_there_are_pods_there_is_nothing_to_lose():
    assert heads(Pods(names=())) == {}
