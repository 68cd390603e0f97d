"""Tells the channels what `release` could not say itself: that it never began, or did not end."""

import os
from collections.abc import Mapping


def tell(title: str, body: str, environment: Mapping[str, str]) -> str:
    """Send one message to whoever ALYS_NOTIFY names; why somebody was not told, or nothing."""
    if not environment.get("ALYS_NOTIFY"):
        return ""
    try:
        # Where what is locked could not be installed, there is nobody to send it.
        from release.errors import UsageError  # noqa: PLC0415
        from release.outside import courier, notifications  # noqa: PLC0415
        from release.telling.notices import Notice  # noqa: PLC0415
        from release.telling.redaction import Redactor  # noqa: PLC0415
    except ImportError as error:
        return f"nobody was told, for what sends messages is not installed: {error}"
    try:
        channels = notifications.from_environment(environment)
    except UsageError as error:
        return f"nobody was told: {error.what}"
    notifications.tell(channels, Notice(title=title, body=body, mood="failure"), redactor=Redactor())
    couriers = [channel.courier for channel in channels]
    courier.send_home(couriers)
    return "; ".join(failure for one in couriers for failure in one.failures)


def page() -> str:
    """The address of this run."""
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    names = ("GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    repository, number = (os.environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{number}"
