"""Brings a pin that a run has changed back into the repository: by a pull request, or by a commit.

Both are written through GitHub's API, which signs what a workflow's own token writes.
"""

import base64
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ci.report import Refusal, main, needed, output, summary
from ci.rest import RefusedByGithubError, Rest, connect
from ci.stacks import PIN_BRANCH
from release.errors import ReleaseError
from release.outcome import Outcome
from release.stack_file import StackFile
from sections.pin import Pin

WAYS = ("pull-request", "commit")
_CONFLICT, _FORBIDDEN, _UNPROCESSABLE = 409, 403, 422
_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Held:
    """A stack file as a branch has it now."""

    text: str
    blob: str
    """GitHub's name for exactly this text: whoever changes another one is refused."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A stack, and its pin before and after a run."""

    stack: str
    before: Pin
    after: Pin
    run: str
    """The page of the run."""

    @property
    def file(self) -> str:
        """The stack file's name."""
        return f"Pulumi.{self.stack}.yaml"

    @property
    def title(self) -> str:
        """The first line of the commit."""
        share = "" if self.after.rollout == 100 else f" at {self.after.rollout} %"  # noqa: PLR2004
        return f"release: {self.after.version}{share} on {self.stack}"

    def applied(self, text: str) -> str | None:
        """The file with this pin; None where it has it, or another one that was pinned since."""
        held = read(self.stack, text)
        if held not in (self.before, self.after):
            return None
        with tempfile.TemporaryDirectory() as folder:
            file = StackFile(stack=self.stack, folder=Path(folder))
            file.path.write_text(text)
            return file.path.read_text() if file.write(self.after) else None


def read(stack: str, text: str) -> Pin:
    """The pin in a stack file's text."""
    with tempfile.TemporaryDirectory() as folder:
        file = StackFile(stack=stack, folder=Path(folder))
        file.path.write_text(text)
        return file.read()


def bring_back(github: Rest, change: Change, *, way: str, branch: str) -> str:
    """Write it; what was done, for people."""
    for _ in range(_TRIES):
        held = _held(github, change.file, branch)
        text = change.applied(held.text)
        if text is None:
            return _nothing(change, held, branch)
        try:
            if way == "commit":
                return (
                    f"{change.title}: commit {_commit(github, change, held, text, branch)[:12]} on {branch}"
                )
            return _pull_request(github, change, held, text, branch)
        except RefusedByGithubError as error:
            if error.status != _CONFLICT:
                raise Refusal(f"{error}\n{_by_hand(change)}") from None
    raise Refusal(f"{branch} changed {_TRIES} times while it was written to.\n{_by_hand(change)}")


def _nothing(change: Change, held: Held, branch: str) -> str:
    if read(change.stack, held.text) == change.after:
        return f"{branch} already pins {change.after.version} on {change.stack}"
    now = read(change.stack, held.text).version
    return (
        f"{branch} pins {now} on {change.stack} since this run began, and {change.after.version} was not "
        f"written over it. What runs is {change.after.version}, until {now} is deployed"
    )


def _held(github: Rest, file: str, branch: str) -> Held:
    found = github.get(f"contents/{file}", ref=branch)
    return Held(text=base64.b64decode(found["content"]).decode(), blob=str(found["sha"]))


def _commit(github: Rest, change: Change, held: Held, text: str, branch: str) -> str:
    # Without an author of its own: GitHub signs only what it writes in the name of the token.
    content = base64.b64encode(text.encode()).decode()
    message = f"{change.title}\n\nWritten by the run that released it: {change.run}"
    written = {"message": message, "content": content, "sha": held.blob, "branch": branch}
    return str(github.put(f"contents/{change.file}", written)["commit"]["sha"])


def _pull_request(github: Rest, change: Change, held: Held, text: str, branch: str) -> str:
    head = f"{PIN_BRANCH}/{change.stack}-{change.run.rpartition('/')[2]}"
    commit = github.get(f"git/ref/{quote(f'heads/{branch}', safe='')}")["object"]["sha"]
    try:
        github.post("git/refs", {"ref": f"refs/heads/{head}", "sha": commit})
    except RefusedByGithubError as error:
        if error.status != _UNPROCESSABLE:
            raise
        # A run that was started again has its branch already.
        held = _held(github, change.file, head)
        if (again := change.applied(held.text)) is None:
            return f"{change.title}: branch {head} has it already"
        text = again
    _commit(github, change, held, text, head)
    wanted = {"title": change.title, "head": head, "base": branch, "body": _body(change)}
    try:
        return f"{change.title}: {github.post('pulls', wanted)['html_url']}"
    except RefusedByGithubError as error:
        if error.status != _FORBIDDEN:
            raise
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        raise Refusal(
            f"branch {head} holds the pin, and GitHub lets no workflow open a pull request here.\n"
            f"Open it:  {server}/{github.repository}/compare/{branch}...{head}?expand=1\n"
            "For the next time: in the stack file of this repository's rules, under alys:repository:\n"
            "    workflows_open_pull_requests: true\n"
            "Without such a file: Settings, Actions, General, Allow GitHub Actions to create and approve "
            "pull requests"
        ) from None


def _body(change: Change) -> str:
    return (
        f"`{change.stack}` runs this now, and `{change.file}` has to say so: until it does, the next update "
        f"from `main` would undo it.\n\nBefore: `{change.before.version}`. Released by {change.run}, which "
        "deploys nothing a second time when this is merged.\n\nGitHub starts no checks by itself for what a "
        "workflow's own token opens: press *Approve workflows to run*; where there is no such button, close "
        "this and open it again."
    )


def _by_hand(change: Change) -> str:
    return (
        f"{change.stack} runs {change.after.version}: write its version and digest into {change.file} by hand"
    )


def _at_checkout(file: str) -> str:
    done = subprocess.run(["git", "show", f"HEAD:{file}"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"{file} is in no commit of this checkout: {done.stderr.strip()}")
    return done.stdout


def write_back() -> None:
    """`python -m ci.pin`, with STACK, PIN_BY, BRANCH, OUTCOME, RUN_URL and GITHUB_TOKEN."""
    stack, way, branch = needed("STACK"), os.environ.get("PIN_BY") or WAYS[0], needed("BRANCH")
    if way not in WAYS:
        raise Refusal(f"PIN_BY is {way!r}; it can be {' or '.join(WAYS)}")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", stack):
        raise Refusal(f"STACK is {stack[:60]!r}, and no stack")
    try:
        before = read(stack, _at_checkout(f"Pulumi.{stack}.yaml"))
        after = StackFile(stack=stack, folder=Path()).read()
    except ReleaseError as error:
        raise Refusal(str(error)) from None
    # What says what runs is brought back, and nobody knows that where contact was lost.
    unknown = os.environ.get("OUTCOME", "") in {"", Outcome.UNKNOWN.label}
    if before == after or unknown:
        print(f"{stack}: {'what runs is not known' if unknown else 'this run left the pin as it was'}")
        output("pin", "unchanged")
        return
    change = Change(stack=stack, before=before, after=after, run=needed("RUN_URL"))
    said = bring_back(connect(), change, way=way, branch=branch)
    summary(said)
    print(said)
    output("pin", "changed")


if __name__ == "__main__":
    main(write_back)
