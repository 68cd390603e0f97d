"""Publishes the cluster's registry on the machine's loopback, where tools take plain HTTP for granted."""

import asyncio
import contextlib

from local.cluster import addresses


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


async def _connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        inner = await asyncio.open_connection(addresses.NODE, addresses.REGISTRY_PORT)
    except OSError:
        writer.close()
        return
    await asyncio.gather(_copy(reader, inner[1]), _copy(inner[0], writer))


async def _serve() -> None:
    server = await asyncio.start_server(_connected, "127.0.0.1", addresses.REGISTRY_PORT)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
