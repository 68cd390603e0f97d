"""The pretended world with data: pods that migrate their own, backups, and restores that stand ready."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import pairwise
from pathlib import Path

from components.feature_flags import feature_flags
from components.rollout import share
from release import gates_file
from release.migration import phases_file
from release.migration.backups import Manifest, Part
from release.migration.data_jobs import Ended
from release.migration.passage import Data
from release.migration.volume_store import VolumeStore
from release.telling.redaction import Redactor
from release.telling.screen import Screen
from sections.pin import Pin
from tests.release.histories import entry
from tests.release.world import FILE, REPLICAS, FakeCluster, World

MIGRATION = Path(__file__).parents[2] / "migration"
GATES = gates_file.read(MIGRATION / "gates.toml")
OURS = phases_file.read(MIGRATION / "phases.toml", GATES)
FLAGS = {flag: True for phase in OURS.phases.values() for flag in phase.flags}
VERSION = "v2.9.0"
NEWEST_SEALED = 2
METRICS = "\n".join(f'{gate.series}{{version="v"}} 0' for gate in GATES.gates.values())


def pin(phase, **changes):
    return Pin(version=VERSION, phase=phase, flags=FLAGS, **changes)


def root(height, *, of="chain"):
    return f"{of}-{height}".encode().hex().ljust(64, "0")[:64]


@dataclass(frozen=True)
class Chain:
    """A pod's data; the newest format can't be written back."""

    height: int
    format: int

    def migrated(self, number):
        if number <= NEWEST_SEALED < self.format:
            raise ValueError("no way back but a backup")
        return replace(self, format=number)


def number_of(phase):
    return OURS.phases[phase or OURS.order[0]].format


@dataclass
class MigratingWorld(World):
    """For each update in turn `script` may also say `crash`: pods were rolled, and Helm put them back."""

    phase: str | None = None
    chains: dict[int, Chain] = field(default_factory=dict)
    phases: dict[int, str] = field(default_factory=dict)
    backups: dict[str, dict[int, tuple[Chain, str]]] = field(default_factory=dict)
    standing: dict[int, Chain] = field(default_factory=dict)
    stuck: set[int] = field(default_factory=set)
    """Pods that don't start: their data is of a format that can't be written back."""
    template: str | None = None
    """The phase that new pods are made with."""
    loses_blocks: bool = False
    """Whether the migration of the newer phase leaves blocks out."""

    def __post_init__(self):
        self.chains = {
            number: Chain(height=10 + number, format=number_of(self.phase)) for number in range(REPLICAS)
        }
        wanted = FILE.replace("v1.0.0", VERSION).replace(
            "alys:flags: {}", "alys:flags:" + "".join(f"\n    {name}: true" for name in FLAGS)
        )
        self._begun = wanted.replace(
            "  alys:rollout: 100", f"  alys:rollout: 100\n  alys:phase: {self.phase}" if self.phase else ""
        )
        super().__post_init__()

    def update(self, message):
        kind = self.script[0] if self.script else "ok"
        if kind in {"ok", "crash"}:
            self._back_up()
        if kind != "crash":
            return super().update(message)
        before, wanted = self.entries[-1], self.file.read()
        self.apply()
        self.file.write(self._pin_of(before))
        self.apply()
        self.file.write(wanted)
        self.script[0] = "fail"
        return super().update(message)

    def apply(self):
        if self.file.path.read_text() == FILE:
            self.file.path.write_text(self._begun)
        wanted = self.file.read()
        self.template = wanted.phase
        reached = share(REPLICAS, wanted.rollout).pods
        for number in range(REPLICAS):
            if number >= REPLICAS - reached or number not in self.pods:
                self._roll(number, wanted)

    def grow(self, blocks):
        for number, chain in self.chains.items():
            if number not in self.stuck:
                self.chains[number] = replace(chain, height=chain.height + blocks)

    def _roll(self, number, wanted):
        self.pods[number] = (wanted.version, feature_flags(wanted).digest)
        changed = self.phases.get(number) != (wanted.phase or "")
        self.phases[number] = wanted.phase or ""
        if changed or number in self.stuck:
            self.let_go(number)

    def let_go(self, number):
        """The pod ends, whoever waits for its data has it, and the next pod migrates it."""
        if number in self.standing:
            self.chains[number] = self.standing.pop(number)
        goal = number_of(self.phases[number] or None)
        newer = goal > self.chains[number].format
        try:
            self.chains[number] = self.chains[number].migrated(goal)
            self.stuck.discard(number)
        except ValueError:
            self.stuck.add(number)
        if newer and self.loses_blocks:
            self.chains[number] = replace(self.chains[number], height=self.chains[number].height - 20)

    def _back_up(self):
        wanted = self.file.read()
        running = self.template
        if OURS.place(wanted.phase) > OURS.place(running):
            name = f"{running or 'release'}-r{len(self.entries)}"
            self.backups[name] = {number: (chain, running or "") for number, chain in self.chains.items()}

    def _entry(self, result, message):
        said = self.file.read()
        flags = {name: flag.value for name, flag in said.flags.items()}
        made = entry(
            said.version,
            at=len(self.entries),
            percent=said.rollout,
            result=result,
            flags=flags,
            phase=said.phase,
        )
        return made | {"message": message}

    @staticmethod
    def _pin_of(one):
        config = one["config"]
        return pin(config.get("alys:phase", {}).get("value"), rollout=int(config["alys:rollout"]["value"]))


class MigratingCluster(FakeCluster):
    """Its pods tell their phase, their chain and their metrics."""

    def pods(self):
        return tuple(
            replace(
                pod,
                phase=self.world.phases[number],
                ready=number not in self.world.stuck,
            )
            for number, pod in enumerate(super().pods())
        )

    def ask(self, pod, path):
        number = int(pod.name[-1])
        if number in self.world.stuck:
            return {}
        chain = self.world.chains[number]
        if path == "/chain":
            return {
                "height": chain.height,
                "state_root": root(chain.height),
                "format": chain.format,
                "phase": pod.phase,
            }
        if path.startswith("/chain/"):
            height = int(path.rpartition("/")[2])
            return {"height": height, "state_root": root(height)} if height <= chain.height else {}
        return {"version": pod.version, "flags": FLAGS}

    def metrics(self, pod):
        return METRICS

    def delete(self, pod):
        super().delete(pod)
        self.world.let_go(int(pod.name[-1]))


@dataclass
class FakeJobs:
    """Does to the world's data what the node's commands do."""

    world: MigratingWorld
    corrupt: set[str] = field(default_factory=set)
    """Names of backups whose files are broken."""

    def look(self, words):
        return {pod: self._validated(pod, command) for pod, command in words.items()}

    def work(self, words, backups):
        assert backups.keys() >= words.keys()
        done = {"backups": self._backups, "validate": self._archive}
        return {pod: done[command[0]](pod, command) for pod, command in words.items()}

    @contextmanager
    def restores(self, sources, backups, *, wait_seconds):
        for pod, source in sources.items():
            name = source.split("/")[2]
            self.world.standing[int(pod[-1])] = self.world.backups[name][int(pod[-1])][0]
        try:
            yield
        finally:
            self.world.standing.clear()

    def _validated(self, pod, command):
        chain = self.world.chains[int(pod[-1])]
        wanted = [int(one.split(":")[0]) for flag, one in pairwise(command) if flag == "--has"]
        ok = all(height <= chain.height for height in wanted)
        problems = "" if ok else '"the block is missing that was there before"'
        return Ended(pod=pod, passed=ok, said=f'{{"ok": {str(ok).lower()}, "problems": [{problems}]}}')

    def _archive(self, pod, command):
        name = command[-1].split("/")[2]
        ok = name not in self.corrupt
        problems = "" if ok else '"its sha256 is another"'
        return Ended(pod=pod, passed=ok, said=f'{{"ok": {str(ok).lower()}, "problems": [{problems}]}}')

    def _backups(self, pod, _):
        parts = [
            Part(
                name=name,
                folder=f"alys-node-{number}",
                manifest=Manifest(
                    version=VERSION,
                    phase=phase,
                    pod=f"alys-node-{number}",
                    format=chain.format,
                    height=chain.height,
                    state_root=root(chain.height),
                    sha256="0" * 64,
                    size=1,
                    made=order,
                ),
            ).model_dump_json()
            for order, (name, held) in enumerate(self.world.backups.items())
            for number, (chain, phase) in held.items()
        ]
        return Ended(pod=pod, passed=True, said=f"[{','.join(parts)}]")


def data_of(world, cluster, jobs):
    return Data(
        cluster=cluster,
        jobs=jobs,
        kept=VolumeStore(cluster=cluster, jobs=jobs),
        phases=OURS,
        gates=GATES,
        screen=Screen(stream=StringIO(), redactor=Redactor()),
        report=world.folder / ".release" / "run-1" / "validation.json",
    )
