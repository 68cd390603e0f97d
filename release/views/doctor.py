"""A line for each thing; below what is wrong, the command that mends it."""

from release.health.checkup import Checkup, Health
from release.telling.page import Page

WIDTHS = (17, 10)
"""Of the name and of the word; what was found follows, in what is left of 80 columns."""
_SAID = 49


def view(found: Checkup, page: Page) -> None:
    """At most 80 columns, whatever the terminal has."""
    for one in found.checks:
        page.row((*WIDTHS, _SAID), (one.name, page.word(one.health.value), one.said))
        if one.health is Health.WRONG:
            page.raw(one.remedy, indent=4)
    count = len(found.wrong)
    if count:
        page.say(f"{count} {'thing is' if count == 1 else 'things are'} wrong.", "bold red")
    else:
        page.say("Nothing is wrong.", "bold green")
