"""The stacks below each other, their facts in columns; what is out of order has a line of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from release.locking.locks import BREAKABLE, Lock, Owner
from release.past.identity import Identity
from release.past.ledger import Hold
from release.telling.page import Page
from release.verbs.status import Row, Status

WIDTHS = (10, 19, 19, 10, 17)
"""Of the columns; with what stands between them 80."""
HOLDS_AT_MOST = 3
_DIGITS = len("sha256:") + 12


def view(status: Status, page: Page) -> None:
    """At most 80 columns, whatever the terminal has."""
    if not status.rows:
        page.say("No stack of this project releases anything.")
        return
    page.row(WIDTHS, ("stack", "pinned", "running", "last good", "last update"), "bold")
    for row in status.rows:
        page.row(WIDTHS, cells(row))
        for what, remedy in row.troubles.items():
            page.say(f"can't be asked: {what}", "red", indent=2)
            page.raw(remedy, indent=4)
        for text, style in notes(row):
            page.say(text, style, indent=2)


def cells(row: Row) -> tuple[str, ...]:
    """Each of several lines; `-` for what isn't there, `?` for what could not be asked."""
    seen = row.seen
    backend = "?" if seen.ledger is None else "-"
    pinned = [*_named(row.pinned), *([str(row.share).replace(" pods", "")] if row.share else [])]
    ready = [f"{name}: {ready} of {all_} ready" for name, (all_, ready) in row.versions.items()]
    running = [*_named(row.running), *(ready if len(ready) != 1 else [ready[0].partition(": ")[2]])]
    cluster = "?" if seen.cluster is None and seen.troubles else "-"
    last = row.last
    return (
        seen.stack,
        "\n".join(pinned) or ("?" if seen.settings is None else "-"),
        "\n".join(running) or cluster,
        row.last_good.version if row.last_good else backend,
        f"{last.outcome}\n{last.release.began:%Y-%m-%d %H:%M}\n{last.release.who}" if last else backend,
    )


def notes(row: Row) -> Iterator[tuple[str, str]]:
    """Lines and their styles: what needs somebody first."""
    seen = row.seen
    for text in seen.drift or ():
        yield f"drift: {text}", "yellow"
    if seen.turn is not None:
        yield f"a run of this clone is at work: process {seen.turn}", "yellow"
    for lock, owner in (seen.locks or {}).items():
        yield locked(lock, owner), "red" if owner in BREAKABLE else "yellow"
    for hold in row.holds[:HOLDS_AT_MOST]:
        yield held(hold), "yellow"
    if len(row.holds) > HOLDS_AT_MOST:
        yield f"and {len(row.holds) - HOLDS_AT_MOST} more on hold", "yellow"
    if row.costs:
        yield f"costs: {row.costs}", ""


def locked(lock: Lock, owner: Owner) -> str:
    """Whose a lock is, and for how long."""
    named = f" ({lock.user}@{lock.host}, process {lock.pid})" if lock.pid is not None else ""
    return f"locked by {owner.value}{named}, for {age(datetime.now(UTC) - lock.since)}"


def held(hold: Hold) -> str:
    """Which release is on hold, since when and why."""
    how = "rolled back from" if hold.rolled_back else "failed"
    why = f": {hold.reason}" if hold.reason and hold.rolled_back else ""
    return f"on hold: {hold.release.short}, {how} {hold.since:%Y-%m-%d %H:%M}{why}"


def age(length: timedelta) -> str:
    """`40 s`, `3 min`, `5 h`, `2 days`."""
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _named(release: Identity | None) -> list[str]:
    if release is None:
        return []
    return [release.version, *([release.digest[:_DIGITS]] if release.digest else [])]
