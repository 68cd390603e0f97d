"""`make demo`: releases in steps with gates, failed versions, and the ways back, watched from outside."""

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import Popen

from rich.console import Console

from local import environment, node_image, samples
from local.demo import chains
from local.demo import clone as clones
from local.demo.client import Client
from local.demo.clone import Clone
from local.demo.cluster import Namespace
from local.demo.receiver import Receiver, receiving
from local.demo.record import Row, judge, lines, show, write
from local.demo.story import PHASE_IMAGES, STORY, Chapter, Step
from release.outcome import Outcome

CONTEXT = environment.CONTEXT
SETTLE_SECONDS = 1.0
"""The client goes on asking for so long after each step, so that late failures are counted with it."""
_BEGUN_WITHIN_SECONDS = 60


def main() -> int:
    """Tell the story; 0 where everything seen was expected."""
    console = Console(stderr=True)
    folder = Path.cwd() / ".local"
    digests = samples.push()
    digests |= {version: node_image.push(version, fault) for version, fault in PHASE_IMAGES.items()}
    rows: list[Row] = []
    with receiving() as receiver:
        try:
            for chapter in STORY:
                for row in _tell(chapter, digests, receiver, console):
                    rows.append(row)  # noqa: PERF402  those before an interrupt are shown as well
        except KeyboardInterrupt:
            console.print("\nStopped; the old version was put back. Run it again with: make demo")
            return Outcome.CANCELLED.exit_code
        finally:
            write(rows, folder / "demo.json")
            if rows:
                show(rows, console)
    surprises = [surprise for row in rows for surprise in row.surprises]
    for surprise in surprises:
        console.print(f"not as expected: {surprise}", style="bold red", markup=False)
    if surprises:
        console.print(f"What the engine printed is in .release/ of {folder}/demo-*")
    console.print(f"The same as JSON: {folder / 'demo.json'}")
    return 1 if surprises else 0


def _tell(
    chapter: Chapter, digests: Mapping[str, str], receiver: Receiver, console: Console
) -> Iterator[Row]:
    here = Path.cwd()
    namespace = Namespace(context=CONTEXT, name=f"{environment.namespace(here)}-demo-{chapter.name}")
    folder = here / ".local" / f"demo-{chapter.name}"
    clone = clones.begin(here, folder, namespace.name, chapter.pods, receiver.environment)
    with contextlib.ExitStack() as ending:
        client: Client | None = None
        for step in chapter.steps:
            console.print(f"\n{step.title}: release {' '.join(step.words)}", style="bold")
            if step.pinned:
                clone.pin(step.pinned)
            before = len(receiver.received)
            blocks = chains.heads(namespace)
            stopped = _begun(clone, namespace, step) if step.stops else None
            started = time.monotonic()
            run = clone.run(step.words)
            seconds = time.monotonic() - started
            if client is None and run.code:
                raise SystemExit("The first deployment failed; what it said stands above.")
            client = client or ending.enter_context(Client(namespace.node_port_url()))
            time.sleep(SETTLE_SECONDS)
            row = judge(
                step,
                seconds=seconds,
                run=run,
                seen=namespace.see(),
                requests=client.reading(),
                blocks=chains.count(namespace, blocks),
                told=lines(receiver.received[before:]),
                digests=digests,
            )
            if stopped and (other := clone.ended(stopped)).code != Outcome.CANCELLED.exit_code:
                row.surprises.append(f"{step.title}: the deployment that was stopped ended with {other.code}")
            yield row


def _begun(clone: Clone, namespace: Namespace, step: Step) -> Popen[str]:
    """Start a deployment, and wait until its first pod is there."""
    deployment = clone.start(step.stops)
    version, over = step.stops[2], time.monotonic() + _BEGUN_WITHIN_SECONDS
    while deployment.poll() is None and time.monotonic() < over:
        if version in namespace.labelled():
            break
        time.sleep(0.2)
    return deployment


if __name__ == "__main__":
    sys.exit(main())
