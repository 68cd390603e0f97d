"""Whether what runs is what is pinned, for people."""

from release.telling.page import Page
from release.verbs.verify import Verified


def view(found: Verified, page: Page) -> None:
    """What isn't, and the share that is."""
    for problem in found.problems:
        page.say(f"not as pinned: {problem}")
    page.say(f"{found.pin.version} runs on {found.share}")
