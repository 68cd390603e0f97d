"""The rules as the engine asks for them: a policy pack's gRPC service.

Pulumi's own pack library isn't used: it takes the secret marks off before a rule sees the inputs.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policy.declaration import Declaration, from_wire
from policy.rule import ProgramRule, Rule, Violation, program_violations, violations

PACK = "alys"
VERSION = "1.0.0"
"""As in PulumiPolicy.yaml."""


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers for one preview or update."""

    def __init__(self, rules: Sequence[Rule], program_rules: Sequence[ProgramRule]) -> None:
        self._rules = rules
        self._program_rules = program_rules

    def Analyze(self, request: Any, context: Any) -> Message:  # noqa: N802, ARG002
        """One resource, before it is made."""
        return _response(violations(self._rules, _declaration(request)))

    def AnalyzeStack(self, request: Any, context: Any) -> Message:  # noqa: N802, ARG002
        """All of them, at the end."""
        declarations = [_declaration(one) for one in request.resources]
        return _response(program_violations(self._program_rules, declarations))

    def Remediate(self, request: Any, context: Any) -> Message:  # noqa: N802, ARG002
        """Nothing is changed behind the program's back."""
        return analyzer_pb2.RemediateResponse()

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Message:  # noqa: N802, ARG002
        """The pack and its rules."""
        told = [(rule, analyzer_pb2.POLICY_TYPE_RESOURCE) for rule in self._rules]
        told += [(rule, analyzer_pb2.POLICY_TYPE_STACK) for rule in self._program_rules]
        return analyzer_pb2.AnalyzerInfo(
            name=PACK,
            displayName=PACK,
            version=VERSION,
            policies=[
                analyzer_pb2.PolicyInfo(
                    name=rule.name,
                    displayName=rule.name,
                    description=rule.reason,
                    enforcementLevel=analyzer_pb2.MANDATORY,
                    policy_type=kind,
                )
                for rule, kind in told
            ],
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Message:  # noqa: N802, ARG002
        """The pack's version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def Handshake(self, request: Any, context: Any) -> Message:  # noqa: N802, ARG002
        """Nothing is asked of the engine."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(self, request: Any, context: Any) -> Message:  # noqa: N802, ARG002
        """The rules are the same for every stack."""
        return analyzer_pb2.AnalyzerStackConfigureResponse()


def _declaration(resource: Any) -> Declaration:
    by_input = getattr(resource, "propertyDependencies", {})
    return Declaration(
        type=resource.type,
        name=resource.name,
        urn=resource.urn,
        inputs=_inputs(resource.properties),
        protect=resource.options.protect,
        provider=_inputs(resource.provider.properties),
        dependencies={key: tuple(one.urns) for key, one in by_input.items()},
    )


def _inputs(properties: Struct) -> dict[str, Any]:
    return {key: from_wire(value) for key, value in MessageToDict(properties).items()}


def _response(found: Iterable[Violation]) -> Message:
    return analyzer_pb2.AnalyzeResponse(
        diagnostics=[
            analyzer_pb2.AnalyzeDiagnostic(
                policyName=one.rule,
                policyPackName=PACK,
                policyPackVersion=VERSION,
                message=one.message,
                enforcementLevel=analyzer_pb2.MANDATORY,
                urn=one.urn,
            )
            for one in found
        ]
    )
