"""One update of a site: the pin into the file, the engine under watch, a dead lock out of its way."""

from dataclasses import dataclass, replace

from release.evidence import Evidence
from release.locking import lock_files, locks
from release.outside.cluster import Cluster
from release.past import identity, message
from release.past.message import Note
from release.site import Site
from release.survey import judged
from release.watch import Ending, Watch
from sections.pin import Pin

_SLACK_SECONDS = 60
"""For everything in an update that isn't Helm's."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Runs updates of one site."""

    site: Site
    cluster: Cluster | None
    whole: bool
    """Update the whole stack, since the release isn't there yet."""

    def update(self, pin: Pin, title: str, note: Note, *, going_back: bool = False) -> Ending:
        """Write the pin and update the stack to it; where that can't even begin, the file is as it was."""
        site, before = self.site, self.site.file.read()
        site.file.write(pin)
        reason = site.redactor.text(note.reason)
        note = replace(note, to=identity.of(pin), run=site.run, by=site.by, reason=reason)
        said = message.write(site.redactor.text(title), note)
        try:
            ending = self._run(said, going_back=going_back)
        except OSError:
            # Nothing was begun: there was no room for its log.
            site.file.write(before)
            raise
        if ending.locked and self._broke_dead_locks(ending):
            ending = self._run(said, going_back=going_back)
        if ending.locked:
            site.file.write(before)
        return ending

    @property
    def evidence(self) -> Evidence:
        """Where this run's is kept."""
        return Evidence(folder=self.site.folder / "evidence", redactor=self.site.redactor)

    def _run(self, said: str, *, going_back: bool) -> Ending:
        site = self.site
        update = site.stack.update(said, log=site.next_log(), whole=self.whole)
        # Helm may need its limit twice: there, and back.
        limit = 2 * site.release.timing.update + _SLACK_SECONDS
        watch = Watch(
            update=update,
            cluster=self.cluster,
            signals=site.signals,
            screen=site.screen,
            evidence=self.evidence,
            limit_seconds=limit,
            going_back=going_back,
        )
        return watch.run()

    def _broke_dead_locks(self, refused: Ending) -> bool:
        """Where a lock wasn't seen beforehand, as in a backend that shows none: the refusal names it."""
        now = (judged(self.site.stack) or {}).values()
        if not locks.breakable([*(lock_files.owner(lock) for lock in refused.locks), *now]):
            return False
        self.site.stack.cancel()
        self.site.screen.say("removed the lock of a run that was killed")
        return True
