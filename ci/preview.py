"""What a pull request would change on a stack, and the way back: one comment, updated in place.

`look`, then `tell`, with STACK.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from ci import engine, files
from ci.markdown import code, folded, plain
from ci.report import Refusal, choose, needed, summary
from ci.rest import Rest, connect
from ci.stacks import pinned
from release.outcome import Outcome

# `release plan` exits with it where the way back is not open.
NO_WAY_BACK = 11


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found out."""

    stack: str
    text: str
    """The whole change in the engine's words, policies included."""
    changes: bool
    failed: str
    """Why there is no preview, or which policy says no."""
    costs: str
    plan: dict[str, Any] | None = None
    """What `release plan` says, where the pull request pins another release."""
    unplanned: str = ""
    """Why it says nothing."""


def marker(stack: str) -> str:
    """What the comment is found by again."""
    return f"<!-- preview: {stack} -->"


def body(found: Found, run: str) -> str:
    """The comment."""
    parts = [marker(found.stack), f"### {found.stack}: {_headline(found)}"]
    if found.failed:
        parts.append(code(found.failed, "text"))
    if found.changes:
        parts.append(folded("what an update would change", code(found.text)))
    if found.plan:
        parts += _ways(found.plan)
    if found.unplanned:
        parts.append(f"The way back could not be planned: {plain(found.unplanned)}")
    parts.append(f"Costs: {found.costs}, at list prices. [The run]({run})")
    return "\n\n".join(parts)


def _headline(found: Found) -> str:
    if found.failed:
        return "**the preview failed, or a policy says no**"
    return "changes, within the policies" if found.changes else "nothing changes"


def _ways(plan: dict[str, Any]) -> list[str]:
    parts: list[str] = []
    for name, key in (("forward", "forward"), ("the way back", "way_back")):
        way = cast("dict[str, Any] | None", plan[key])
        if way is None:
            continue
        pin = "\n".join(way["pin"])
        changed = way["preview"] if way["changes"] else "From what runs now it changes nothing."
        title = f"{name}: {plain(str(way['from'] or 'nothing'))} to {plain(str(way['to']))}"
        parts.append(folded(title, code(f"{pin}\n\n{changed}")))
    parts += [plain(note) for note in plan["notes"]]
    if plan["on_hold"]:
        parts.append(f"On hold, so that a deployment refuses it: {plain(plan['on_hold'])}")
    if plan["open"]:
        parts.append("The way back is open.")
    else:
        why = "\n".join(f"- {plain(one)}" for one in plan["obstacles"])
        parts.append(f"**Nobody can be sure of the way back:**\n\n{why}")
    return parts


def look() -> None:
    """Ask the engine and `release`; what they say is kept for the next step."""
    stack = needed("STACK")
    before, now = files.before(stack, needed("BASE")), Path(f"Pulumi.{stack}.yaml").read_text()
    seen = engine.preview(stack, "--policy-pack", "policy")
    plan, unplanned = _planned(stack, before, now)
    found = Found(
        stack=stack,
        text=seen.text,
        changes=seen.changes,
        failed=f"{seen.failed}\n{seen.text}".strip() if seen.failed else "",
        costs=files.costs(files.monthly(stack, before), files.monthly(stack, now)),
        plan=plan,
        unplanned=unplanned,
    )
    _file().write_text(json.dumps(asdict(found)))
    print(seen.text)
    if found.failed:
        raise Refusal(f"the preview of {stack} failed, or a policy says no\n{found.failed}")


def tell() -> None:
    """Write the comment, or write it anew."""
    stack, run, github = needed("STACK"), needed("RUN_URL"), connect()
    number = int(needed("PULL_REQUEST"))
    try:
        text = body(Found(**json.loads(_file().read_text())), run)
    except OSError:
        text = f"{marker(stack)}\n### {stack}: there is no preview\n\n[The run]({run}) says why."
    said = comment(github, number, marker(stack), text)
    summary(text)
    print(said)


def comment(github: Rest, number: int, mark: str, text: str) -> str:
    """Update the comment with this mark that we have written, or write one."""
    for one in github.every(f"issues/{number}/comments"):
        user = cast("dict[str, Any]", one.get("user") or {})
        if user.get("type") == "Bot" and str(one.get("body") or "").startswith(mark):
            github.patch(f"issues/comments/{one['id']}", {"body": text})
            return f"updated {one['html_url']}"
    return f"wrote {github.post(f'issues/{number}/comments', {'body': text})['html_url']}"


def _planned(stack: str, before: str | None, now: str) -> tuple[dict[str, Any] | None, str]:
    pin = pinned(now)
    if before is None or pinned(before) == pin:
        return None, ""
    argv = [sys.executable, "-m", "release", "plan", stack, str(pin["version"]), "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=dict(os.environ))
    if done.returncode in (Outcome.DONE.exit_code, NO_WAY_BACK):
        return json.loads(done.stdout), ""
    return None, " ".join(done.stderr.split())[-500:]


def _file() -> Path:
    return Path(needed("RUNNER_TEMP")) / f"preview-{needed('STACK')}.json"


if __name__ == "__main__":
    choose("ci.preview", __doc__, {"look": look, "tell": tell})
