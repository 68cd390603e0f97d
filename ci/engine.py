"""What Pulumi would change, or finds changed, as a job asks it: nothing is written, nothing locked."""

import os
import re
import subprocess
from dataclasses import dataclass

from ci.report import Refusal

ENDS_WITHIN_SECONDS = 1200
_TO_CHANGE = re.compile(r"^\s+[+~-]+\s*\d+ (?:to )?\w+", re.MULTILINE)
_NOISE = re.compile(r"^@ .*\n|^warning: using pulumi-.*\n|^View Live: .*\n", re.MULTILINE)
_EXPECTED = re.compile(r"^error: no changes were expected\b.*\bbut changes\b", re.MULTILINE)
_SAID_AT_MOST = 30


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One look."""

    text: str
    """In the engine's own words, as a difference."""
    failed: str
    """Why there is none; empty where there is one."""

    @property
    def changes(self) -> bool:
        """Whether anything differs."""
        return bool(_TO_CHANGE.search(self.text))


def preview(stack: str, *options: str) -> Seen:
    """What an update would change now."""
    return _ask("preview", "--diff", "--suppress-outputs", *options, "--stack", stack)


def refresh(stack: str, *options: str) -> Seen:
    """What is there otherwise than it was declared."""
    return _ask("refresh", "--preview-only", "--expect-no-changes", "--diff", *options, "--stack", stack)


def _ask(*words: str) -> Seen:
    argv = ["pulumi", *words, "--non-interactive", "--color", "never"]
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=ENDS_WITHIN_SECONDS,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )
    except FileNotFoundError:
        raise Refusal("there is no pulumi on PATH: the step before has to install it") from None
    except subprocess.TimeoutExpired:
        raise Refusal(f"`pulumi {words[0]}` has not ended within {ENDS_WITHIN_SECONDS} s") from None
    text, said = _NOISE.sub("", done.stdout), _NOISE.sub("", done.stderr + "\n")
    if done.returncode == 0 or _EXPECTED.search(said) or _EXPECTED.search(text):
        return Seen(text=text, failed="")
    return Seen(text=text, failed="\n".join(said.strip().splitlines()[-_SAID_AT_MOST:]) or text)
