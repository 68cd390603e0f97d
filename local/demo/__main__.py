"""`make demo`: deploy, canary, failed versions, a flag change and a rollback, watched by a client outside."""

import contextlib
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console

from local import environment, node_image
from local.demo.client import Client
from local.demo.cluster import Namespace
from local.demo.mending import mend
from local.demo.record import Row, judge, show, write
from local.demo.stack import Stack
from local.demo.story import IMAGES, STEPS, Step

CONTEXT = environment.CONTEXT
SETTLE_SECONDS = 1.0
"""The client goes on asking for so long after each step, so that late failures are counted with it."""


def main() -> int:
    """Tell the story; 0 where everything seen was expected."""
    console = Console()
    clone = Path.cwd()
    folder = clone / ".local"
    demo = folder / "demo"
    demo.mkdir(parents=True, exist_ok=True)
    # A copy of the stack file, so that the demo leaves the clone as it found it.
    stack = Stack(name="local", config_file=demo / "Pulumi.local.yaml", log=demo / "log")
    stack.log.write_bytes(b"")
    shutil.copy(clone / "Pulumi.local.yaml", stack.config_file)
    digests = {version: node_image.push(version, fault) for version, fault in IMAGES.items()}
    namespace = Namespace(context=CONTEXT, name=environment.namespace(clone))
    for mended in mend(stack, folder / "state", namespace):
        console.print(f"an earlier run was killed: {mended}")
    rows: list[Row] = []
    try:
        for row in _tell(stack, namespace, digests, console):
            rows.append(row)  # noqa: PERF402  those before an interrupt are shown as well
    except KeyboardInterrupt:
        console.print("\nStopped; the old version was put back. Run it again with: make demo")
        return 130
    finally:
        write(rows, folder / "demo.json")
        if rows:
            show(rows, console)
    surprises = [surprise for row in rows for surprise in row.surprises]
    for surprise in surprises:
        console.print(f"not as expected: {surprise}", style="bold red", markup=False)
    if surprises:
        console.print(f"What the commands printed is in {stack.log}")
    console.print(f"The same as JSON: {folder / 'demo.json'}")
    return 1 if surprises else 0


def _tell(stack: Stack, namespace: Namespace, digests: Mapping[str, str], console: Console) -> Iterator[Row]:
    with contextlib.ExitStack() as ending:
        client: Client | None = None
        for step in STEPS:
            console.print(f"{step.title} ...", end=" ")
            started = time.monotonic()
            _pin(stack, step, digests)
            succeeded = stack.up()
            seconds = time.monotonic() - started
            console.print(f"{seconds:.1f} s, {'succeeded' if succeeded else 'failed'}")
            if not succeeded and client is None:
                raise SystemExit(f"The first deployment failed:\n{stack.log.read_text()}")
            client = client or ending.enter_context(Client(namespace.node_port_url()))
            time.sleep(SETTLE_SECONDS)
            yield judge(
                step,
                seconds=seconds,
                succeeded=succeeded,
                seen=namespace.see(),
                requests=client.reading(),
                digests=digests,
            )


def _pin(stack: Stack, step: Step, digests: Mapping[str, str]) -> None:
    if step.back_to:
        stack.pin_as(stack.last_good(step.back_to))
        return
    version = step.pin.get("version")
    stack.pin({**step.pin, **({"digest": digests[version]} if version else {})})


if __name__ == "__main__":
    sys.exit(main())
