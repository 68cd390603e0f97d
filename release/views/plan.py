"""Both ways, one below the other, and then whether the second is open."""

import re

from release.telling.page import Page
from release.verbs.plan import Difference, Planned

_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_NAMES = re.compile(r"\s*\[(id|urn|provider)=|Previewing update|@ previewing|$")
"""Lines of a preview that say which resource it is once more, or nothing."""


def view(planned: Planned, page: Page) -> None:
    """The pin's own changes first, then what the engine says of them."""
    _way("forward", planned.forward, page)
    if planned.way_back:
        _way("the way back", planned.way_back, page)
        if not planned.way_back.changes:
            page.say("From here it changes nothing: going back brings back exactly what runs now.")
    for note in planned.notes:
        page.say(note, "yellow")
    if planned.hold:
        page.say(f"On hold, so that deploy refuses it without --retry: {planned.hold.reason}", "yellow")
    for one in planned.obstacles:
        page.say(f"not sure: {one}", "yellow")
    if planned.obstacles:
        page.say("The way back is not open.", "bold yellow")
    else:
        page.say("The way back is open.", "bold green")


def _way(name: str, way: Difference, page: Page) -> None:
    left = f"{way.left.version} -> " if way.left else ""
    page.say(f"{name}: {left}{way.to.version}", "bold")
    for change in way.pin:
        page.say(_DIGEST.sub(r"\1", change), indent=2)
    if way.changes:
        page.raw("\n".join(line for line in way.preview.splitlines() if not _NAMES.match(line)))
