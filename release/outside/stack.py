"""The stack, by the Pulumi CLI: its history, its state, and its updates."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from release.errors import RefusedError
from release.locking import locks
from release.locking.lock_files import DRIVER
from release.locking.locks import Lock
from release.outside import state
from release.outside.state import NODE_RELEASE, State
from release.past import history
from release.past.history import Release

_QUIET = {"PULUMI_SKIP_UPDATE_CHECK": "1"}
_LOCKED = "the stack is currently locked"
_SAID_AT_MOST = 6
_READ_WITHIN_SECONDS = 120


@dataclass(kw_only=True)
class Update:
    """A running `pulumi up`, in a session of its own: a Ctrl-C in the terminal is the driver's to pass on."""

    process: "subprocess.Popen[bytes]"
    log: Path
    interrupted: bool = False

    @property
    def code(self) -> int | None:
        """None while it runs."""
        return self.process.poll()

    def interrupt(self) -> None:
        """Have it end: Helm puts the old revision back first. A second signal would kill it: there is one."""
        if not self.interrupted and self.process.poll() is None:
            self.interrupted = True
            self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, with everything that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after waiting at most so long."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def said(self) -> str:
        """What it printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @property
    def locks(self) -> tuple[Lock, ...]:
        """The locks that it was refused for; none where it got its own."""
        said = self.said
        return locks.in_error(said) if _LOCKED in said else ()

    @property
    def locked(self) -> bool:
        """Whether it was refused because another update held the stack."""
        return _LOCKED in self.said


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of the project in a folder."""

    name: str
    folder: Path
    environment: Mapping[str, str]
    """The command's own; credentials travel in it and nowhere else."""

    @property
    def backend(self) -> str:
        """Where the state is: as the CLI is told, else as it remembers its login; empty where it has none."""
        return self.environment.get("PULUMI_BACKEND_URL") or _logged_in(self.environment)

    def history(self) -> tuple[Release, ...]:
        """Every update, oldest first; none for a stack that was never updated."""
        text = self._read("stack", "history", "--json", "--page-size", "0", "--show-secrets=false")
        return history.read(text or "[]", stack=self.name)

    def state(self) -> State:
        """The newest state."""
        text = self._read("stack", "export")
        try:
            return state.read(text)
        except ValueError:
            self._refuse(text)

    def make(self) -> None:
        """Make the stack in the backend; its file may be there already."""
        self._read("stack", "init")

    def keep_secret(self, path: str, text: str) -> None:
        """Write a secret into the stack file, such as `secrets.node-key`; the text goes by standard input."""
        self._read("config", "set", "--secret", "--path", path, given=text)

    def cancel(self) -> None:
        """Delete every lock: only right where all their owners are dead."""
        self._read("cancel", "--yes")

    def update(self, message: str, *, log: Path, whole: bool) -> Update:
        """Begin an update to what the stack file pins.

        Only of the release's own resources, so that nothing else that waits in the file or the program comes
        along; of the `whole` stack where the release isn't there yet.
        """
        targets = () if whole else ("--target", f"**{NODE_RELEASE}**")
        options = ("--yes", "--skip-preview", "--non-interactive", "--color", "never", "--message", message)
        command = self._command("up", *options, *targets)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self.environment, **_QUIET, DRIVER: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Update(process=process, log=log)

    def preview(self, config: Path) -> str:
        """The difference that the pin of a copied stack file would make, as text for people."""
        options = ("--diff", "--non-interactive", "--color", "never", "--suppress-outputs")
        return self._read("preview", *options, "--config-file", str(config))

    def _command(self, *arguments: str) -> list[str]:
        return ["pulumi", *arguments, "--stack", self.name]

    def _read(self, *arguments: str, given: str = "") -> str:
        try:
            done = subprocess.run(
                self._command(*arguments),
                cwd=self.folder,
                env={**self.environment, **_QUIET},
                input=given,
                capture_output=True,
                text=True,
                check=False,
                timeout=_READ_WITHIN_SECONDS,
            )
        except FileNotFoundError:
            raise RefusedError(
                what="There is no pulumi on PATH; nothing was changed",
                where=f"stack {self.name}",
                remedy="On this machine:  make tools && . .local/env\nElsewhere:  https://www.pulumi.com/docs/install",
            ) from None
        except subprocess.TimeoutExpired:
            self._refuse(f"no answer within {_READ_WITHIN_SECONDS} s")
        if done.returncode:
            self._refuse(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    def _refuse(self, said: str) -> NoReturn:
        for cause in _CAUSES:
            if re.search(cause.pattern, said):
                raise RefusedError(
                    what=f"{cause.what}; nothing was changed",
                    where=f"stack {self.name}",
                    remedy=cause.remedy.format(stack=self.name, backend=self.backend or "the backend"),
                )
        raise RefusedError(
            what="The stack can't be read; nothing was changed",
            where=f"stack {self.name}",
            remedy="\n".join(["pulumi says:", *_last(said.splitlines())]),
        )


@dataclass(frozen=True, kw_only=True)
class _Cause:
    pattern: str
    """In the CLI's own words."""
    what: str
    remedy: str


_CAUSES = (
    _Cause(
        pattern=r"no stack named|stack .* not found",
        what="The backend has no such stack",
        remedy=("Make it:  pulumi stack init {stack}\nOr log in to where it is:  pulumi login s3://BUCKET"),
    ),
    _Cause(
        pattern=r"passphrase",
        what="The stack's secrets can't be opened",
        remedy=(
            "Export its passphrase:  export PULUMI_CONFIG_PASSPHRASE=...\n"
            "On this machine's stack `local`:  . .local/env"
        ),
    ),
    _Cause(
        pattern=r"PULUMI_ACCESS_TOKEN|not logged in|must be logged in",
        what="Pulumi isn't logged in",
        remedy="On this machine:  . .local/env\nElsewhere:  pulumi login s3://BUCKET",
    ),
    _Cause(
        pattern=(
            r"could not (?:deserialize|load|read)|unexpected end of JSON|invalid character"
            r"|failed to load checkpoint|no deployment|snapshot"
        ),
        what="The stack's state can't be read",
        remedy=(
            "Every update keeps the state before it, as `{stack}.json.bak` beside the state and under\n"
            "`.pulumi/backups/` of {backend}. Look at the newest, then put it back:\n"
            "  pulumi stack import -s {stack} --file FILE"
        ),
    ),
)


def _logged_in(environment: Mapping[str, str]) -> str:
    """What `pulumi login` said last. The tokens that stand beside it are left there."""
    home = environment.get("PULUMI_CREDENTIALS_PATH") or environment.get("PULUMI_HOME") or "~/.pulumi"
    try:
        kept = json.loads((Path(home).expanduser() / "credentials.json").read_text())
        return str(kept.get("current") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def _last(lines: Sequence[str]) -> list[str]:
    return [f"  {line.strip()}" for line in lines if line.strip()][-_SAID_AT_MOST:] or ["  nothing"]
