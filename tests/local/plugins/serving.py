"""A provider served in this process, with an engine that only listens."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from local.plugins import serving
from local.plugins.engine import Engine
from local.plugins.values import decode, encode

PROJECT = "urn:pulumi:dev::test::"


@dataclass
class Listener(engine_pb2_grpc.EngineServicer):
    """What the plugin told the user."""

    messages: list[str] = field(default_factory=list)

    def Log(self, request, context):  # noqa: N802
        self.messages.append(request.message)
        return empty_pb2.Empty()


@dataclass
class Served:
    """A provider as the engine talks to it, in plain Python."""

    stub: provider_pb2_grpc.ResourceProviderStub
    listener: Listener

    def configure(self, **inputs):
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode(inputs)))

    def check(self, type_, name, news, olds=None):
        answer = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(type_, name),
                type=type_,
                name=name,
                news=encode(news),
                olds=encode(olds or {}),
                randomSeed=b"s",
            )
        )
        return decode(answer.inputs), {failure.property: failure.reason for failure in answer.failures}

    def diff(self, type_, name, id_, old, new):
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=urn(type_, name),
                type=type_,
                id=id_,
                old_inputs=encode(old),
                olds=encode(old),
                news=encode(new),
            )
        )

    def create(self, type_, name, inputs, *, preview=False, timeout=0.0):
        answer = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=urn(type_, name), type=type_, properties=encode(inputs), preview=preview, timeout=timeout
            )
        )
        return answer.id, decode(answer.properties)

    def update(self, type_, name, id_, state, old, new, *, preview=False):  # noqa: PLR0917
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=urn(type_, name),
                type=type_,
                id=id_,
                olds=encode(state),
                old_inputs=encode(old),
                news=encode(new),
                preview=preview,
            )
        )
        return decode(answer.properties)

    def read(self, type_, name, id_, state, inputs):
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=urn(type_, name), type=type_, id=id_, properties=encode(state), inputs=encode(inputs)
            )
        )
        return answer.id, decode(answer.inputs), decode(answer.properties)

    def delete(self, type_, name, id_, state, inputs):
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                urn=urn(type_, name), type=type_, id=id_, properties=encode(state), old_inputs=encode(inputs)
            )
        )

    def invoke(self, token, **arguments):
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=encode(arguments)))
        return decode(getattr(answer, "return"))

    def cancel(self):
        self.stub.Cancel(empty_pb2.Empty())


def urn(type_: str, name: str) -> str:
    return f"{PROJECT}{type_}::{name}"


def init_failed(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    """Unpack what the engine keeps of a resource that exists but is not ready."""
    from pulumi.runtime.proto import status_pb2  # noqa: PLC0415

    metadata = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    return detail


@contextlib.contextmanager
def served(make) -> Iterator[Served]:
    """Serve what `make` returns for an engine, until the end of the block."""
    listener = Listener()
    with contextlib.ExitStack() as stack:
        engine_port = _start(
            stack, lambda server: engine_pb2_grpc.add_EngineServicer_to_server(listener, server)
        )
        provider = make(Engine(f"127.0.0.1:{engine_port}"))
        port = _start(stack, lambda s: provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, s))
        channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}"))
        yield Served(provider_pb2_grpc.ResourceProviderStub(channel), listener)


def _start(stack, add) -> int:
    server = serving.server()
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    stack.callback(lambda: server.stop(grace=None).wait())
    return port
