"""`release plan`: what a release would change, and what the way back from it would."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.folder_digest import folder_digest
from release import preflight
from release.outcome import Outcome
from release.outside import registry
from release.outside.registry import Answer
from release.past import identity
from release.past.history import Release
from release.past.identity import Identity
from release.past.ledger import Hold
from release.past.way_back import Charts, obstacles, pin_changes
from release.site import Site
from release.stack_file import StackFile
from release.verbs.deploy import attested, resolved
from sections.pin import Pin

CHART = "chart"
_TO_CHANGE = re.compile(r"^\s+[+~-]+\s*\d+ to \w+", re.MULTILINE)
HIDDEN = (
    "These credentials may not read Helm's records, so what runs is taken from the stack's history alone: "
    "a change by hand would not be seen."
)
NoReturn = Callable[[Site, Pin], Iterable[str]]
"""Says why a version can't be come back from, such as a migration that throws the old data away."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """From one release to another."""

    left: Identity | None
    to: Identity
    pin: tuple[str, ...]
    """`version: v1.0.0 -> v2.0.0`, a line for each part of the pin that changes."""
    preview: str
    """What the engine would change now, in its own words."""

    @property
    def changes(self) -> bool:
        """Whether the engine would change anything now."""
        return bool(_TO_CHANGE.search(self.preview))

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "from": str(self.left) if self.left else None,
            "to": str(self.to),
            "pin": list(self.pin),
            "changes": self.changes,
            "preview": self.preview,
        }


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Both ways."""

    stack: str
    forward: Difference
    way_back: Difference | None
    """None where there is no good release to go back to."""
    obstacles: tuple[str, ...]
    """Why nobody can be sure of the way back; none where it is open."""
    hold: Hold | None
    """Why `deploy` would refuse it without `--retry`."""
    notes: tuple[str, ...] = ()
    """What could not be looked at, and what stands in for it."""

    @property
    def outcome(self) -> Outcome:
        """What the command exits with."""
        return Outcome.NO_WAY_BACK if self.obstacles else Outcome.DONE

    @property
    def json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "stack": self.stack,
            "forward": self.forward.json,
            "way_back": self.way_back.json if self.way_back else None,
            "open": not self.obstacles,
            "obstacles": list(self.obstacles),
            "notes": list(self.notes),
            "on_hold": self.hold.reason if self.hold else None,
        }


def plan(site: Site, version: str, *, no_return: Iterable[NoReturn] = ()) -> Planned:
    """Preview both ways with copies of the stack file; nothing is written, nor is anything locked."""
    release, survey, held = site.release, preflight.seen(site).survey, site.file.read()
    ledger = survey.ledger
    wanted = held.model_copy(update={"version": version, "rollout": 100})
    digest = resolved(site, survey, release.image, wanted, named=version)
    attested(site, release.image, digest)
    wanted = Pin.model_validate(wanted.model_copy(update={"digest": digest}).model_dump())
    good = ledger.last_good(besides=identity.of(wanted))
    back = good.pin if good else None
    with ThreadPoolExecutor() as pool, tempfile.TemporaryDirectory(prefix="release-plan-") as folder:
        forward = pool.submit(_preview, site, wanted, Path(folder) / "forward")
        way_back = pool.submit(_preview, site, back, Path(folder) / "back") if back else None
        answer = _asked(site, good)
        running = ledger.running.pin if ledger.running else None
        charts = Charts(here=folder_digest(str(site.project.folder / CHART)), runs=survey.state.chart_digest)
        reasons = [reason for ask in no_return for reason in ask(site, wanted)]
        return Planned(
            stack=site.stack.name,
            forward=_difference(running, wanted, forward.result()),
            way_back=_difference(wanted, back, way_back.result()) if back and way_back else None,
            obstacles=obstacles(wanted, good, answer=answer, charts=charts, no_return=reasons),
            hold=ledger.hold(identity.of(wanted)),
            notes=(HIDDEN,) if survey.helm_hidden else (),
        )


def _difference(left: Pin | None, to: Pin, preview: str) -> Difference:
    return Difference(
        left=identity.of(left) if left else None,
        to=identity.of(to),
        pin=pin_changes(left, to),
        preview=preview,
    )


def _preview(site: Site, pin: Pin, folder: Path) -> str:
    # A whole copy: without its salt or key the engine could open none of the stack's secrets.
    folder.mkdir()
    copy = StackFile(stack=site.stack.name, folder=folder)
    shutil.copyfile(site.file.path, copy.path)
    copy.write(pin)
    return site.redactor.text(site.stack.preview(copy.path))


def _asked(site: Site, good: Release | None) -> Answer | None:
    if good is None or good.pin.digest is None:
        return None
    return registry.ask(site.environment, site.release.image, good.pin.digest)
