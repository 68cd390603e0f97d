"""What the gates say, for people."""

from release.telling.page import Page
from release.verbs.gate import Gated


def view(found: Gated, page: Page) -> None:
    """Each gate, and what all of them come to."""
    for one in found.findings:
        page.say(str(one))
    page.say(f"{found.version}: {found.verdict.value}")
