"""What people see while a run goes on: lines that stay, and on a terminal a few below them that move."""

import time
from collections.abc import Iterable
from typing import IO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from release.gates import Finding, Verdict
from release.outside import pods as pods_of
from release.outside.pods import Pod
from release.telling.redaction import Redactor

_COLOURS = {Verdict.PASS: "green", Verdict.NO_DATA: "yellow", Verdict.ERROR: "yellow", Verdict.FAIL: "red"}


class Screen:
    """Lines on a stream; on a terminal it also shows the pods and gates as they are now."""

    def __init__(self, *, stream: IO[str], redactor: Redactor, about: str = "") -> None:
        """Every line begins with what it is `about`, where that isn't the stack itself."""
        self.console = Console(file=stream, highlight=False, soft_wrap=True)
        self._stream, self._redactor = stream, redactor
        self._about = f"{about}: " if about else ""
        self._live: Live | None = None
        self._began = time.monotonic()
        self._doing = ""
        self._pods = Text()
        self._gates = Text()
        self._said = ""
        self._troubled = ""

    def of(self, about: str) -> "Screen":
        """The same stream, for something else; this one rests meanwhile."""
        self.rest()
        return Screen(stream=self._stream, redactor=self._redactor, about=about)

    def begin(self, doing: str) -> None:
        """Say what is done from now on, and show how long it takes."""
        self.rest()
        self._doing, self._began = doing, time.monotonic()
        self._pods, self._gates, self._said, self._troubled = Text(), Text(), "", ""
        if self.console.is_terminal:
            self._live = Live(get_renderable=self._now, console=self.console, transient=True)
            self._live.start()
        else:
            self.say(doing)

    def rest(self) -> None:
        """Stop moving."""
        if self._live:
            self._live.stop()
            self._live = None

    def say(self, text: str, style: str = "") -> None:
        """A line that stays."""
        line = Text(f"{time.strftime('%H:%M:%S')} ", style="dim")
        line.append(self._about, style="dim")
        self.console.print(line.append(self._redactor.text(text), style=style or "default"))

    def trouble(self, text: str) -> None:
        """A line that stays, once for as long as it goes on."""
        if text != self._troubled:
            self._troubled = text
            self.say(text, "yellow")

    def pods(self, there: Iterable[Pod]) -> None:
        """The pods of each version, as they are now."""
        self._troubled = ""
        line, said = Text(), list[str]()
        for version, (count, ready) in pods_of.versions(there).items():
            marks = "●" * ready + "○" * (count - ready)
            line.append(f"{version} ").append(marks, style="green" if ready == count else "yellow")
            line.append("  ")
            said.append(f"{version}: {ready} of {count} ready")
        self._pods = line
        self._tell("; ".join(said))

    def soaking(self, left: float, findings: Iterable[Finding]) -> None:
        """How long a step is still watched, and what its gates say."""
        line = Text(f"soaking, {left:.0f} s left  " if left > 0 else "")
        for finding in findings:
            value = "" if finding.value is None else f" {finding.value:g}"
            line.append(f"{finding.gate}{value} ").append(
                finding.verdict.value, style=_COLOURS[finding.verdict]
            )
            line.append("  ")
        self._gates = line

    def _tell(self, text: str) -> None:
        # Without a terminal a change is a line of its own.
        if text != self._said and self._live is None and text:
            self.say(f"  {text}")
        self._said = text

    def _now(self) -> Group:
        seconds = time.monotonic() - self._began
        head = Text(f"{self._about}{self._doing}  ", style="bold").append(f"{seconds:.0f} s", style="dim")
        return Group(*(line for line in (head, self._pods, self._gates) if line.plain.strip()))
