"""Any sequence of enter, fail, go back and restore, on a node whose data is a list of blocks."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from release.errors import RefusedError
from release.migration import phases
from tests.release.migration.test_phases import NAMES, OURS, pin

NEWEST_SEALED = 2


@dataclass(frozen=True)
class Data:
    """What a pod's volume holds; the newest format has no seals, and none can be made again."""

    blocks: tuple[int, ...]
    format: int

    def grown(self, count: int) -> "Data":
        return replace(self, blocks=self.blocks + tuple(range(len(self.blocks), len(self.blocks) + count)))

    def migrated(self, number: int) -> "Data":
        """As `alys-node migrate --back` does."""
        if number <= NEWEST_SEALED < self.format:
            raise ValueError("no way back but a backup")
        return replace(self, format=number)


def needed(phase: str | None) -> int:
    return OURS.phases[phase or "foundation"].format


class Stack(RuleBasedStateMachine):
    """A stack that the rules of `phases` are kept on, and its one pod."""

    @initialize(blocks=st.integers(1, 5), name=st.sampled_from(NAMES))
    def begin(self, blocks, name):
        self.pin = pin(name)
        self.data = Data(tuple(range(blocks)), needed(name))
        self.verified = self.data
        self.backups = {}

    @rule(count=st.integers(1, 5))
    def run(self, count):
        """Time passes, and the release is verified as it runs."""
        self.data = self.data.grown(count)
        self.verified = self.data

    def change(self, name):
        """What a step is allowed to be, and the backup that it begins with."""
        step = phases.step(OURS, self.pin, pin(name))
        backup = self.data if step.needs_backup else None
        if backup:
            self.backups[self.pin.phase] = backup
        return step, backup

    def allowed(self):
        present = NAMES.index(self.pin.phase)
        return NAMES[present + 1 :][:1]

    @precondition(lambda self: self.allowed())
    @rule()
    def enter(self):
        (name,) = self.allowed()
        self.change(name)
        self.data = self.data.migrated(needed(name))
        self.pin, self.verified = pin(name), self.data

    @precondition(lambda self: self.allowed())
    @rule(
        grown=st.integers(0, 5), at=st.sampled_from(["backup", "rehearsal", "migrate", "validation", "gate"])
    )
    def fail(self, grown, at):
        """It fails at some point on its way, and what the phase names undoes it."""
        (name,) = self.allowed()
        step, backup = self.change(name)
        if at in {"validation", "gate"}:
            self.data = self.data.migrated(needed(name)).grown(grown)
        back = phases.undo(step, self.pin)
        if at in {"backup", "rehearsal"}:
            # No pod was rolled: there is nothing to undo.
            return
        if back.restore:
            assert backup, "a way back by restore without a backup"
            self.data = backup
        self.data = self.data.migrated(needed(back.pin.phase))
        self.pin = back.pin

    @rule(name=st.sampled_from(NAMES))
    def go_anywhere(self, name):
        """What people may try; where it isn't refused, no block may be lost by it."""
        try:
            self.change(name)
        except RefusedError:
            return
        self.data = self.data.migrated(needed(name))
        self.pin, self.verified = pin(name), self.data

    @precondition(lambda self: self.backups)
    @rule(chance=st.randoms())
    def restore(self, chance):
        """On purpose, with what came since given up: the backup is what was verified then."""
        phase = chance.choice(sorted(self.backups, key=str))
        self.pin, self.data = pin(phase), self.backups[phase]
        self.verified = self.data

    @invariant()
    def every_block_that_was_verified_is_there(self):
        known = len(self.verified.blocks)
        assert self.data.blocks[:known] == self.verified.blocks

    @invariant()
    def heights_are_without_a_gap(self):
        assert self.data.blocks == tuple(range(len(self.data.blocks)))

    @invariant()
    def the_data_is_what_the_pinned_phase_reads(self):
        assert self.data.format == needed(self.pin.phase)


TestStack = Stack.TestCase
TestStack.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)


def test_the_model_would_find_a_way_back_that_is_none():
    """The data of the model refuses what the node refuses."""
    with pytest.raises(ValueError, match="no way back"):
        Data((0,), 3).migrated(2)
