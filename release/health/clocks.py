"""Other machines' clocks against this one's: the age of locks and the freshness of samples lean on them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from release.health.checkup import Check, not_asked, ok, wrong

AGREE_WITHIN = timedelta(seconds=5)
_WHOLE_SECOND = timedelta(seconds=1)


def offset(date: datetime, began: datetime, ended: datetime) -> timedelta:
    """How far a clock is ahead at least, that said `date` between two moments of ours; behind is below zero.

    A `Date` is cut to whole seconds, and the answer was on its way: what these explain is no difference.
    """
    least, most = date - ended, date + _WHOLE_SECOND - began
    if least > timedelta():
        return least
    return min(most, timedelta())


def check(name: str, ask: Callable[[], str | None]) -> Check:
    """Compare a clock; `ask` gives the `Date` of an answer."""
    began = datetime.now(UTC)
    said = ask()
    ended = datetime.now(UTC)
    date = _read(said)
    if date is None:
        return not_asked(name, "its answers have no Date that can be read")
    return judged(name, offset(date, began, ended))


def judged(name: str, ahead: timedelta) -> Check:
    """What a difference means. Pure."""
    seconds = ahead.total_seconds()
    way = "ahead of" if seconds > 0 else "behind"
    said = f"{abs(seconds):.0f} s {way} this machine's" if abs(seconds) >= 1 else "agrees with this machine's"
    if abs(ahead) <= AGREE_WITHIN:
        return ok(name, said)
    return wrong(name, said, "See which of the two is right, and set the other:  timedatectl status")


def _read(said: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(said or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
