"""Each phase of the migration on a cluster of this machine: into it and out of it, every block counted.

`plan` names the phases, `run` tries one of them on the stack `local`, `report` makes one table of all.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ci.inputs import judge
from ci.report import Refusal, choose, needed, output, summary, table
from ci.stacks import matrix
from release import gates_file
from release.migration import phases_file
from release.migration.phases_file import PhasesFile
from release.outcome import Outcome

STACK = "local"
DONE = Outcome.DONE.label


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one command of `release` came to."""

    says: str
    outcome: str
    seconds: float
    reason: str = ""
    checks: int = 0
    """Of the validation, all passed where the outcome is `done`."""
    heights: tuple[int, int] | None = None
    """The lowest newest block of a pod before and after."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A phase, and its turns in order."""

    phase: str
    turns: tuple[Turn, ...]

    @property
    def passed(self) -> bool:
        """Whether it was entered, and left again, with every block."""
        return bool(self.turns) and all(turn.outcome == DONE for turn in self.turns)


def known(folder: Path) -> PhasesFile:
    """The phases of a checkout."""
    return phases_file.read(folder / "phases.toml", gates_file.read(folder / "gates.toml"))


def settings(phases: PhasesFile, phase: str | None) -> list[str]:
    """Words for `pulumi config set-all --path` that pin a phase and its flags; None is before the first."""
    if phase is None:
        return []
    upto = phases.order[: phases.place(phase) + 1]
    flags = dict.fromkeys(flag for name in upto for flag in phases.phases[name].flags)
    words = [f"alys:phase={phase}", *(f"alys:flags.{flag}=true" for flag in flags)]
    return [word for one in words for word in ("--plaintext", one)]


def turn(says: str, result: Mapping[str, Any], validations: Sequence[Mapping[str, Any]]) -> Turn:
    """What a command told with `--json`, and what its run has kept of its validations."""
    heads: Mapping[str, Mapping[str, Mapping[str, int]]] = validations[-1]["heads"] if validations else {}
    before, now = ([one["height"] for one in heads.get(when, {}).values()] for when in ("before", "now"))
    return Turn(
        says=says,
        outcome=result["outcome"],
        seconds=result["seconds"],
        reason="" if result["outcome"] == DONE else str(result["reason"]),
        checks=sum(len(one["checks"]) for one in validations),
        heights=(min(before), min(now)) if before and now else None,
    )


def overall(found: Mapping[str, Tried], wanted: Iterable[str]) -> list[str]:
    """What is wrong, a line each; a phase without a report has not passed."""
    wrong: list[str] = []
    for phase in wanted:
        if phase not in found:
            wrong.append(f"{phase}: nobody says what came of it")
        elif not found[phase].passed:
            failed = next((one for one in found[phase].turns if one.outcome != DONE), None)
            wrong.append(
                f"{phase}: {failed.says}: {failed.outcome}: {failed.reason}"
                if failed
                else f"{phase}: nothing was tried"
            )
    return wrong


def plan() -> None:
    """The phases in order, for the jobs of a matrix, and what the build calls itself."""
    phases = known(Path("migration"))
    version = os.environ.get("VERSION") or phases.phases[phases.order[-1]].version
    judge({"VERSION": "version"}, {"VERSION": version})
    output("version", version)
    matrix([{"phase": phase} for phase in phases.order])


def run() -> None:
    """Enter `PHASE` with `VERSION` and leave it again; `REPORT` is written whatever happens."""
    judge({"PHASE": "environment", "VERSION": "version"}, os.environ)
    phases, phase, version = known(Path("migration")), needed("PHASE"), needed("VERSION")
    if phase not in phases.phases:
        raise Refusal(f"{phase} is no phase; there are {', '.join(phases.order)}")
    turns: list[Turn] = []
    try:
        for one in _turns(phases, phase, version):
            turns.append(one)
            if one.outcome != DONE:
                break
    finally:
        tried = Tried(phase=phase, turns=tuple(turns))
        Path(needed("REPORT")).write_text(json.dumps(asdict(tried)))
    if wrong := overall({phase: tried}, [phase]):
        raise Refusal("\n".join(wrong))


def _turns(phases: PhasesFile, phase: str, version: str) -> Iterator[Turn]:
    place = phases.place(phase)
    before = phases.order[place - 1] if place else None
    _pin(settings(phases, before))
    yield _release("released before it", "deploy", STACK, version, "--steps", "100", "--soak", "0s")
    _pin(settings(phases, phase))
    yield _release("into it", "migrate", STACK, phase)
    if phases.phases[phase].reversible:
        yield _release("back", "rollback", STACK)
    else:
        yield _release("back, by the backup", "restore", STACK, _backup(before))


def report() -> None:
    """One table of the reports in `REPORTS`; refuses where a phase failed, or has none."""
    wanted = known(Path("migration")).order
    files = [file for phase in wanted for file in Path(needed("REPORTS")).rglob(f"{phase}.json")]
    found = {one.phase: one for one in map(read, files)}
    rows = [row for phase in wanted for row in _rows(phase, found.get(phase))]
    summary("### Every phase, forward and back\n\n" + table(_HEADER, rows))
    if wrong := overall(found, wanted):
        raise Refusal("not every phase can be entered and left:\n" + "\n".join(wrong))


def read(file: Path) -> Tried:
    """A report that `run` wrote."""
    return _TRIED.validate_json(file.read_text())


_TRIED = TypeAdapter(Tried)
_HEADER = ("phase", "what", "outcome", "seconds", "checks", "lowest height")


def _rows(phase: str, tried: Tried | None) -> list[tuple[str, ...]]:
    if tried is None:
        return [(phase, "", "no report", "", "", "")]
    return [
        (
            phase,
            one.says,
            one.outcome,
            f"{one.seconds:.0f}",
            str(one.checks or ""),
            f"{one.heights[0]} to {one.heights[1]}" if one.heights else "",
        )
        for one in tried.turns
    ]


def _pin(words: list[str]) -> None:
    if words:
        _run(["pulumi", "config", "set-all", "--stack", STACK, "--path", *words])


def _backup(phase: str | None) -> str:
    """The newest whole one of a phase."""
    listed = json.loads(_run(["release", "backups", STACK, "--json"]))
    for one in listed["backups"]:
        made_in = {part["phase"] for part in one["pods"].values() if part}
        if not one["problems"] and made_in == {phase or ""}:
            return str(one["name"])
    raise Refusal(f"there is no whole backup of {phase or 'before the first phase'}, so nothing leads back")


def _release(says: str, *words: str) -> Turn:
    done = subprocess.run(
        ["release", *words, "--yes", "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise Refusal(
            f"{says}: `release {words[0]}` ended with {done.returncode}; the log says why"
        ) from None
    kept = Path(".release") / told["run"] / "validation.json"
    return turn(says, told, json.loads(kept.read_text()) if kept.exists() else [])


def _run(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"`{' '.join(argv[:3])}` ended with {done.returncode}:\n{done.stderr.strip()[-500:]}")
    return done.stdout


if __name__ == "__main__":
    choose("ci.phases", __doc__, {"plan": plan, "run": run, "report": report})
