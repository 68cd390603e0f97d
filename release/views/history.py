"""The history as a table; why an update was made stands below it."""

from rich.text import Text

from release.past.account import Line
from release.past.identity import Identity
from release.telling.page import Page
from release.verbs.history import Told

WIDTHS = (16, 9, 13, 18, 8, 11)
"""Of the columns; with what stands between them 80."""


def view(told: Told, page: Page) -> None:
    """At most 80 columns, whatever the terminal has."""
    if not told.lines:
        page.say(f"{told.stack} was never updated.")
        return
    page.row(WIDTHS, ("when (UTC)", "what", "who", "from -> to", "pods", "ended"), "bold")
    for line in told.lines:
        page.row(WIDTHS, _cells(line, page))
        if line.why:
            page.say(line.why, "dim", indent=WIDTHS[0] + 1)
    if told.older:
        page.say(f"{told.older} older:  release history {told.stack} --limit {told.older + len(told.lines)}")
    if any(line.good for line in told.lines):
        page.say(
            f"Any that is good can be gone back to:  release rollback {told.stack} --to VERSION", style="dim"
        )


def _cells(line: Line, page: Page) -> tuple[str | Text, ...]:
    release, share = line.release, line.release.share
    return (
        f"{release.began:%Y-%m-%d %H:%M}",
        line.what,
        release.who,
        change(line.left, release.identity),
        f"{share.pods} of {share.replicas}" if share else f"{release.pin.rollout} %",
        page.word(line.outcome),
    )


def change(left: Identity | None, to: Identity) -> str:
    """`v1.0.0 -> v2.0.0`; of one that stays as it is the version alone."""
    if left is None or left == to:
        return to.version
    if left.version != to.version:
        return f"{left.version} -> {to.version}"
    if left.phase != to.phase:
        return f"{to.version}, {to.phase or 'no phase'}"
    return f"{to.version}, other {'image' if not left.same_image(to) else 'flags'}"
