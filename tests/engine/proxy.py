"""A way to the API server that a test can cut."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Way:
    """Open until `cut`; then every connection ends, and new ones are refused."""

    kubeconfig: Path
    loop: asyncio.AbstractEventLoop
    server: asyncio.Server | None = None
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def cut(self) -> None:
        done = threading.Event()

        def close() -> None:
            if self.server:
                self.server.close()
            for writer in self.writers:
                writer.transport.abort()
            done.set()

        self.loop.call_soon_threadsafe(close)
        assert done.wait(10)


@contextmanager
def way(source: Path, target: Path) -> Iterator[Way]:
    """A copy of a kubeconfig, at `target`, whose cluster is reached through this process."""
    content = json.loads(source.read_text())
    cluster = content["clusters"][0]["cluster"]
    real = urlsplit(cluster["server"])
    loop = asyncio.new_event_loop()
    made = Way(kubeconfig=target, loop=loop)

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner = await asyncio.open_connection(real.hostname, real.port)
        made.writers += [writer, inner]
        await asyncio.gather(copy(reader, inner), copy(inner_reader, writer))

    async def serve() -> int:
        made.server = await asyncio.start_server(connected, "127.0.0.1", 0)
        return made.server.sockets[0].getsockname()[1]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    # The certificate is for the real address.
    cluster |= {"server": f"https://127.0.0.1:{port}", "tls-server-name": real.hostname}
    target.write_text(json.dumps(content))
    try:
        yield made
    finally:
        made.cut()
        asyncio.run_coroutine_threadsafe(_ended(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _ended() -> None:
    """Wait for what was cut: a task or a transport that is left open is told of in some later test."""
    copying = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in copying:
        task.cancel()
    await asyncio.gather(*copying, return_exceptions=True)
