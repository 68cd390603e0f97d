"""Slack, Discord and whatever else apprise speaks; an address is a secret, and never said."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import apprise

from release.errors import UsageError
from release.outside.courier import LIMIT_SECONDS, Courier
from release.telling.notices import Notice
from release.telling.redaction import Redactor

VARIABLE = "ALYS_NOTIFY"
"""Addresses as apprise takes them, separated by white space: `slack://...`, `discord://...`, `jsons://...`."""
_TYPES = {
    "info": apprise.NotifyType.INFO,
    "success": apprise.NotifyType.SUCCESS,
    "warning": apprise.NotifyType.WARNING,
    "failure": apprise.NotifyType.FAILURE,
}


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One receiver."""

    name: str
    """For people: its kind, and its place among the addresses."""
    service: apprise.NotifyBase
    courier: Courier


def channels(addresses: Iterable[str], *, limit: float = LIMIT_SECONDS) -> tuple[Channel, ...]:
    """A channel for each address; `UsageError`, before anything is changed, for one that can't be meant."""
    return tuple(_channel(address, number, limit) for number, address in enumerate(addresses, start=1))


def from_environment(environment: Mapping[str, str], *, limit: float = LIMIT_SECONDS) -> tuple[Channel, ...]:
    """The channels that the environment names; none is fine."""
    return channels(environment.get(VARIABLE, "").split(), limit=limit)


def tell(channels: Iterable[Channel], notice: Notice, *, redactor: Redactor) -> None:
    """Send a notice to every channel; comes back at once."""
    title, body = (_quiet(redactor.text(text)) for text in (notice.title, notice.body))
    for channel in channels:

        def deliver(service: apprise.NotifyBase = channel.service) -> None:
            sent = service.notify(body=body, title=title, notify_type=_TYPES[notice.mood])
            if not sent:
                raise ConnectionError("its service did not take it")

        channel.courier.send(f"'{title}'", deliver)


def _channel(address: str, number: int, limit: float) -> Channel:
    _silence()
    service = apprise.Apprise.instantiate(address)
    if not isinstance(service, apprise.NotifyBase):
        kind = address.partition("://")[0] if "://" in address else ""
        raise UsageError(
            what=f"Address {number}{f' ({kind}://...)' if kind.isalnum() else ''} is none that apprise knows",
            where=f"environment variable {VARIABLE}",
            remedy=(
                "For example:  slack://TokenA/TokenB/TokenC or discord://WebhookID/WebhookToken\n"
                "All kinds:  https://github.com/caronc/apprise/wiki"
            ),
        )
    name = f"{service.service_name} ({number})"
    return Channel(name=name, service=service, courier=Courier(receiver=name, limit=limit))


def _quiet(text: str) -> str:
    # A name or a reason never calls the whole channel.
    return text.replace("<!", "< !").replace("@everyone", "everyone").replace("@here", "here")


def _silence() -> None:
    # They log addresses and payloads, tokens included, and at every level.
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
