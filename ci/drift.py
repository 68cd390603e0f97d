"""What is there against what was declared, of one stack, and the one issue that says so.

`look`, then `tell`, with STACK.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ci import engine
from ci.markdown import code
from ci.report import Refusal, choose, needed, summary
from ci.rest import connect
from ci.standing_issue import Issues, decide, marker

LABEL = "drift"
# To see these the role would have to read the node's keys.
LEFT_OUT = ("**kubernetes:core/v1:Secret::*", "**kubernetes:helm.sh/v3:Release::*")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a look has found; nothing where all is as declared."""

    stack: str
    difference: str = ""
    """In the engine's words."""
    unseen: str = ""
    """Why nobody could look; a look that failed is no look at a healthy stack."""


def body(found: Found, run: str) -> str:
    """The text of the issue."""
    parts = [marker(f"drift {found.stack}"), f"[The last look at `{found.stack}`]({run}):"]
    if found.difference:
        parts += ["Somebody has changed what is declared.", code(found.difference)]
    if found.unseen:
        parts += ["It could not see what is there.", code(found.unseen, "text")]
    parts.append(
        f"To have it as it is declared: `pulumi up -s {found.stack} --refresh`. To keep it: declare it, in a "
        "pull request. This text is written anew each day, and the issue is closed by itself when all is as "
        "declared. What is inside the node's namespace is no part of it: `release status` looks there."
    )
    return "\n\n".join(parts)


def look() -> None:
    """Look, and keep what was found for the next step; red for drift, and where it could not look."""
    stack = needed("STACK")
    seen = engine.refresh(stack, *(word for pattern in LEFT_OUT for word in ("--exclude", pattern)))
    found = Found(
        stack=stack, difference=seen.text if seen.changes and not seen.failed else "", unseen=seen.failed
    )
    _file().write_text(json.dumps(asdict(found)))
    print(seen.text)
    if found.difference or found.unseen:
        said = found.unseen or "somebody has changed what is declared"
        raise Refusal(f"{stack}: {'could not look' if found.unseen else 'drift'}\n{said}")
    print(f"{stack}: all is as declared")


def tell() -> None:
    """Open, update or close the issue."""
    run, github = needed("RUN_URL"), connect()
    stack = needed("STACK")
    issues = Issues(github.api, github.repository, github.token)
    found = _read(stack)
    action = decide(issues.find(f"drift {stack}", LABEL), failing=bool(found.difference or found.unseen))
    number = action.number
    if action.verb == "open":
        number = issues.open(f"{stack} is not as declared", body(found, run), LABEL)
    elif action.verb == "update" and number is not None:
        issues.update(number, body(found, run))
    elif action.verb == "close" and number is not None:
        issues.close(number, run)
    said = (
        f"{action.verb} issue #{number}" if number else f"{stack}: nothing to say, and no issue that is open"
    )
    summary(said)
    print(said)


def _file() -> Path:
    return Path(needed("RUNNER_TEMP")) / f"drift-{needed('STACK')}.json"


def _read(stack: str) -> Found:
    try:
        return Found(**json.loads(_file().read_text()))
    except OSError:
        return Found(stack=stack, unseen="the look itself did not end: see the run")


if __name__ == "__main__":
    choose("ci.drift", __doc__, {"look": look, "tell": tell})
