"""Backups as a table, and a rehearsal pod by pod."""

from release.migration.backups import Backup
from release.outcome import Outcome
from release.telling.page import Page
from release.verbs.backup import Backups
from release.verbs.rehearse import Rehearsed

WIDTHS = (32, 17, 15, 10)
"""Of the columns; with what stands between them less than 80."""
_UNIT = 1024


def view(found: Backups, page: Page) -> None:
    """The newest first; what is wrong with one stands below it."""
    if found.deleted:
        page.say(f"deleted: {', '.join(found.deleted)}", "dim")
    if not found.found:
        page.say(f"There is no backup.  Make one:  release backup {found.stack}")
        return
    page.row(WIDTHS, ("backup", "made (UTC)", "heights", "size"), "bold")
    for one in found.found:
        problems = one.problems(found.pods)
        page.row(WIDTHS, (one.name, f"{one.made:%Y-%m-%d %H:%M}", _heights(one), _size(one.size)))
        for problem in problems:
            page.say(problem, "red", indent=2)
    if found.made:
        page.say(
            f"{found.made} is whole.  It is restored by:  release restore {found.stack} {found.made}", "green"
        )


def rehearsed(found: Rehearsed, page: Page) -> None:
    """What each run on the copy came to, and the verdict."""
    for one in found.runs:
        well = one.outcome is Outcome.DONE
        page.say(
            f"{one.verb}: {one.outcome.label} after {one.seconds:.0f} s", "green" if well else "bold red"
        )
        for line in one.findings:
            page.say(str(line), "dim", indent=2)
    if found.problem:
        page.say(found.problem, "bold red")
    page.say(
        f"on a copy of {found.backup.name}: to {found.crossing.wanted.phase} and back in "
        f"{found.seconds:.0f} s, and nothing is left: {found.outcome.label}",
        "bold",
    )


def _heights(backup: Backup) -> str:
    heights = [part.manifest.height for part in backup.parts.values() if part.manifest]
    return f"{min(heights)} to {max(heights)}" if heights else "none"


def _size(size: int) -> str:
    return f"{size / _UNIT:.0f} KiB" if size < _UNIT * _UNIT else f"{size / _UNIT / _UNIT:.1f} MiB"
