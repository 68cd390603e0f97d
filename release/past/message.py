r"""The message of an update: a title for people, and a last line from which the ledger learns what it was.

    Back to v2.0.0: gate error-rate failed

    release: rollback to=v2.0.0@sha256:... from=v3.0.0@sha256:... run=20261124-1a2b by="ada" reason="..."

An update by hand has no such line, and is a deployment of what its stack file pins. Nor does one get it
by accident: without a message of its own the CLI takes the *title* of the last commit, and the line never
is a title.
Whoever goes back by hand may write it: `pulumi up -m $'Back\n\nrelease: rollback from=v3.0.0'`.
"""

import json
import re
from dataclasses import dataclass
from typing import Literal, get_args

from release.past import identity
from release.past.identity import Identity

Action = Literal["deploy", "promote", "migrate", "rollback", "withdraw"]
"""`withdraw` goes back as `rollback` does, but blames nobody: the run was cancelled, not the release bad."""

TEXT_AT_MOST = 400
_LINE = re.compile(r"release: (?P<action>[a-z]+)(?P<pairs>( [a-z]+=(\"(\\.|[^\"\\])*\"|[^\s\"]+))*)")
_PAIR = re.compile(r" (?P<key>[a-z]+)=(?P<value>\"(?:\\.|[^\"\\])*\"|[^\s\"]+)")
_RUN = re.compile(r"[A-Za-z0-9-]{1,64}")
_STEP = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")


@dataclass(frozen=True, kw_only=True)
class Note:
    """What the driver noted in an update's message."""

    action: Action
    to: Identity | None = None
    """What the update pins; a note that says something else isn't this update's."""
    left: Identity | None = None
    """What was left behind: what a rollback came from."""
    run: str = ""
    """One for all updates of a run: letters, digits and '-'."""
    step: tuple[int, int] | None = None
    """Of how many: (1, 3)."""
    retry: bool = False
    """A release on hold, tried again on purpose."""
    by: str = ""
    reason: str = ""


def clean(text: str) -> str:
    """On one line, printable, at most 400 characters."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * TEXT_AT_MOST])
    return " ".join(printable.split())[:TEXT_AT_MOST].strip()


def write(title: str, note: Note) -> str:
    """The whole message."""
    pairs = {
        "to": str(note.to or ""),
        "from": str(note.left or ""),
        "run": note.run if _RUN.fullmatch(note.run) else "",
        "step": "{}/{}".format(*note.step) if note.step else "",
        "retry": "yes" if note.retry else "",
        "by": _quoted(note.by),
        "reason": _quoted(note.reason),
    }
    line = " ".join([f"release: {note.action}", *(f"{key}={value}" for key, value in pairs.items() if value)])
    return f"{clean(title)}\n\n{line}"


def parse(message: str) -> Note | None:
    """The note in a message; None where people wrote it, or where it can't be read whole."""
    title, _, last = message.rstrip().rpartition("\n")
    line = _LINE.fullmatch(last.strip())
    # A message of one line may be a commit's title; only a line below a title is a note.
    if not title.strip() or not line or line["action"] not in get_args(Action):
        return None
    pairs = {pair["key"]: pair["value"] for pair in _PAIR.finditer(line["pairs"])}
    try:
        return Note(
            action=line["action"],  # type: ignore[arg-type]
            to=_identity(pairs.get("to")),
            left=_identity(pairs.get("from")),
            run=pairs.get("run", ""),
            step=_step(pairs.get("step")),
            retry=pairs.get("retry") == "yes",
            by=_text(pairs.get("by", "")),
            reason=_text(pairs.get("reason", "")),
        )
    except ValueError:
        return None


def title(message: str) -> str:
    """What people read of a message: its first line."""
    return clean(message.strip().partition("\n")[0])


def _quoted(text: str) -> str:
    return json.dumps(clean(text), ensure_ascii=False) if clean(text) else ""


def _text(value: str) -> str:
    return clean(str(json.loads(value)) if value.startswith('"') else value)


def _identity(value: str | None) -> Identity | None:
    found = identity.parse(value) if value else None
    if value and found is None:
        raise ValueError(value)
    return found


def _step(value: str | None) -> tuple[int, int] | None:
    found = _STEP.fullmatch(value) if value else None
    return (int(found[1]), int(found[2])) if found else None
