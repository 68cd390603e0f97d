"""The engine's provider protocol over gRPC, around resource types written in plain Python."""

import json
from collections.abc import Callable
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

from local.plugins import serving
from local.plugins.differences import Difference, compare
from local.plugins.engine import Engine
from local.plugins.operations import Operations
from local.plugins.resources import Call, Failure, Refused, ResourceType
from local.plugins.values import decode, encode, plain


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """A provider of one package; a subclass says what it configures and which resource types it has."""

    package: str
    notice: str

    def __init__(self, engine: Engine, version: str) -> None:
        self.engine = engine
        self.version = version
        self.operations = Operations(self.package)

    def resource_type(self, token: str) -> ResourceType:
        """Return what answers for a type token, or raise `Refused`."""
        raise NotImplementedError

    def check_config(self, inputs: dict[str, Any]) -> list[Failure]:  # noqa: ARG002
        """Return what is wrong with the provider's own inputs."""
        return []

    def diff_config(self, old: dict[str, Any], new: dict[str, Any]) -> Difference:
        """Compare the provider's own inputs; to replace it replaces everything that it made."""
        return compare(old, new)

    def configure(self, inputs: dict[str, Any]) -> None:
        """Take the provider's own inputs, all known."""

    def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Answer a function of the package, or raise `Refused`."""
        raise Refused(f"The stand-in for the {self.package} plugin has no function {token}.")

    # The protocol, in the order in which the engine asks.

    @override
    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=False,
            accept_outputs=False,
            supports_autonaming_configuration=True,
        )

    @override
    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:
        self.engine = Engine(request.address)
        return empty_pb2.Empty()

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.version)

    @override
    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:
        schema = {"name": self.package, "version": self.version, "description": self.notice}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    @override
    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        inputs = decode(request.news)
        failures = self.operations.answer(context, "CheckConfig", lambda: self.check_config(plain(inputs)))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(failures))

    @override
    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        old = plain(decode(request.old_inputs if request.HasField("old_inputs") else request.olds))
        new = plain(decode(request.news))
        return self.operations.answer(context, "DiffConfig", lambda: self.diff_config(old, new)).response()

    @override
    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        self.operations.answer(context, "Configure", lambda: self.configure(plain(decode(request.args))))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            acceptResources=False,
            acceptOutputs=False,
            supportsPreview=True,
            supports_autonaming_configuration=True,
        )

    @override
    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        self.engine.info_once(self.notice)
        naming = request.autonaming if request.HasField("autonaming") else None
        call = Call(
            urn=request.urn,
            type=request.type or _type(request.urn),
            inputs=decode(request.news),
            old_inputs=decode(request.olds),
            seed=request.randomSeed,
            proposed_name=naming.proposed_name if naming else "",
            naming_disabled=bool(
                naming and naming.mode == provider_pb2.CheckRequest.AutonamingOptions.DISABLE
            ),
        )
        inputs, failures = self.operations.answer(context, "Check", lambda: self._type(call).check(call))
        return provider_pb2.CheckResponse(inputs=encode(inputs), failures=_failures(failures))

    @override
    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        call = self._call(request, inputs=request.news, state=request.olds)
        return self.operations.answer(context, "Diff", lambda: self._type(call).diff(call)).response()

    @override
    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        call = self._call(request, inputs=request.properties)
        live = self.operations.answer(context, "Create", lambda: self._type(call).create(call))
        return provider_pb2.CreateResponse(
            id="" if call.preview else live.id, properties=encode(live.outputs)
        )

    @override
    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        call = self._call(request, inputs=request.news, state=request.olds)
        live = self.operations.answer(context, "Update", lambda: self._type(call).update(call))
        return provider_pb2.UpdateResponse(properties=encode(live.outputs))

    @override
    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        self.engine.info_once(self.notice)
        call = self._call(request, inputs=request.inputs, state=request.properties)
        live = self.operations.answer(context, "Read", lambda: self._type(call).read(call))
        if live is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=live.id, inputs=encode(live.inputs), properties=encode(live.outputs)
        )

    @override
    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        self.engine.info_once(self.notice)
        call = self._call(request, state=request.properties)
        self.operations.answer(context, "Delete", lambda: self._type(call).delete(call))
        return empty_pb2.Empty()

    @override
    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:
        self.engine.info_once(self.notice)
        arguments = plain(decode(request.args))
        result = self.operations.answer(context, "Invoke", lambda: self.invoke(request.tok, arguments))
        response = provider_pb2.InvokeResponse()
        # A field that Python keeps for itself.
        getattr(response, "return").CopyFrom(encode(result))
        return response

    @override
    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        self.operations.cancelled.set()
        return empty_pb2.Empty()

    def _type(self, call: Call) -> ResourceType:
        return self.resource_type(call.type)

    @staticmethod
    def _call(request: Any, *, inputs: Any = None, state: Any = None) -> Call:
        fields = {field.name for field in request.DESCRIPTOR.fields}
        return Call(
            urn=request.urn,
            type=request.type or _type(request.urn),
            id=request.id if "id" in fields else "",
            inputs=decode(inputs) if inputs is not None else {},
            old_inputs=decode(request.old_inputs) if "old_inputs" in fields else {},
            state=decode(state) if state is not None else {},
            timeout=request.timeout if "timeout" in fields else 0,
            preview=request.preview if "preview" in fields else False,
            ignored=tuple(request.ignoreChanges) if "ignoreChanges" in fields else (),
        )


def _type(urn: str) -> str:
    """Return the resource's own type, the last of the URN's qualified types."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _failures(failures: list[Failure]) -> list[provider_pb2.CheckFailure]:
    return [
        provider_pb2.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures
    ]


def run(make: Callable[[Engine], Provider], arguments: list[str]) -> None:
    """Serve a provider to the engine that started this process; the end of the engine ends its operations."""
    provider = make(Engine(serving.engine_address(arguments)))
    plugin = serving.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, plugin)  # type: ignore[no-untyped-call]
    serving.serve(plugin, on_stop=provider.operations.stop)
