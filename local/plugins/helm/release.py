"""A Helm release: `kubernetes:helm.sh/v3:Release`."""

import hashlib
from typing import Any, NoReturn

from typing_extensions import override

from local.plugins import differences, naming
from local.plugins.differences import Difference
from local.plugins.helm import chart, flags
from local.plugins.helm.command import Helm, HelmFailed
from local.plugins.objects.session import Session
from local.plugins.resources import Call, Failure, InitFailed, Live, Refused, ResourceType
from local.plugins.values import UNKNOWN, at, conceal, has_unknowns

_HEALTHY = ("deployed", "superseded")


class Release(ResourceType):
    """The operations on releases, in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @override
    def check(self, call: Call) -> tuple[dict[str, Any], list[Failure]]:
        inputs = {key: value for key, value in call.inputs.items() if value is not None}
        if failures := flags.refused(inputs):
            return inputs, failures
        old_name = at(call.old_inputs, "name")
        made_up = old_name or call.proposed_name or naming.unique_name(call.name, call.seed)
        inputs.setdefault("name", made_up)
        if "namespace" not in inputs:
            inputs["namespace"] = self.session.namespace
        inputs.setdefault("timeout", flags.TIMEOUT)
        if "version" not in inputs and isinstance(inputs["chart"], str):
            version = chart.local_version(inputs["chart"])
            inputs |= {"version": version} if version else {}
        return inputs, []

    @override
    def diff(self, call: Call) -> Difference:
        return differences.compare(
            call.old_inputs,
            call.inputs,
            ignored=frozenset({"compat", "resourceNames", "manifest"}),
            replaces=lambda path: path[0] in ("name", "namespace"),
        )

    @override
    def create(self, call: Call) -> Live:
        if call.preview:
            return self._preview(call, "install")
        helm = self._helm(call)
        try:
            self._run(call, helm, "install")
        except HelmFailed as failed:
            if self._status(helm, call) is None:
                raise Refused(self._failure(call, "install", failed)) from failed
            self._half_done(call, helm, self._failure(call, "install", failed))
        return self._live(call, helm)

    @override
    def update(self, call: Call) -> Live:
        if call.preview:
            return self._preview(call, "upgrade")
        helm = self._helm(call)
        before = self._status(helm, call)
        try:
            self._run(call, helm, "upgrade")
        except HelmFailed as failed:
            message = self._failure(call, "upgrade", failed)
            after = self._status(helm, call)
            if at(after, "revision") == at(before, "revision"):
                # Helm refused before it began: what runs, and what the state says of it, stays.
                raise Refused(message) from failed
            self._half_done(call, helm, message)
        return self._live(call, helm)

    @override
    def read(self, call: Call) -> Live | None:
        declared = call.inputs or call.old_inputs
        namespace, _, name = call.id.rpartition("/")
        known = {"name": name, "namespace": namespace or self.session.namespace} | declared
        asked = Call(urn=call.urn, type=call.type, id=call.id, inputs=known, state=call.state)
        try:
            helm = self._helm(asked)
        except Refused:
            if self.session.settings.delete_unreachable:
                return None
            raise
        status = self._status(helm, asked)
        if status is None:
            return None
        found = helm.json("status", name)
        inputs = known | {"version": status.get("version")}
        if not declared:
            inputs |= {"chart": status.get("chart"), "values": found.get("config") or {}}
        elif (found.get("config") or {}) != chart.values(declared):
            inputs["values"] = conceal(found.get("config") or {}, declared.get("values"))
        live = Live(
            id=call.id, inputs=inputs, outputs=_outputs(inputs, status, str(found.get("manifest", "")))
        )
        if status.get("status") not in _HEALTHY:
            raise InitFailed(live, f"Helm release {call.id!r} is in status {status.get('status')}")
        return live

    @override
    def delete(self, call: Call) -> None:
        declared = call.old_inputs or call.state
        asked = Call(urn=call.urn, type=call.type, id=call.id, inputs=declared, timeout=call.timeout)
        try:
            helm = self._helm(asked)
        except Refused:
            if self.session.settings.delete_unreachable:
                return
            raise
        try:
            helm.run(*flags.uninstall(declared, call.timeout))
        except HelmFailed as failed:
            if not failed.not_found:
                raise Refused(self._failure(asked, "uninstall", failed)) from failed

    def _helm(self, call: Call) -> Helm:
        # Says in one message when the cluster can't be reached, before helm says it in several.
        self.session.api  # noqa: B018
        if self.session.cancelled.is_set():
            raise Refused(f"Helm release {_id(call.inputs)!r}: cancelled before it began")
        return Helm(self.session, str(at(call.inputs, "namespace")))

    def _run(self, call: Call, helm: Helm, verb: str) -> None:
        told = f"helm {verb} {at(call.inputs, 'name')}: waiting for helm"
        self.session.engine.info(told, urn=call.urn, ephemeral=True)
        helm.run(*flags.deploy(verb, call.inputs, call.timeout), values=chart.values(call.inputs))

    def _preview(self, call: Call, verb: str) -> Live:
        """Render the chart against the cluster, so that a wrong value is told before anything is done."""
        if not has_unknowns(call.inputs):
            try:
                helm = self._helm(call)
                helm.run(
                    *flags.template(call.inputs, upgrade=verb == "upgrade"), values=chart.values(call.inputs)
                )
            except HelmFailed as failed:
                if "ensure CRDs are installed" not in str(failed):
                    raise Refused(self._failure(call, verb, failed)) from failed
        later = {"status": UNKNOWN, "resourceNames": UNKNOWN, "checksum": UNKNOWN}
        return Live(id=_id(call.inputs), inputs=call.inputs, outputs=call.inputs | later)

    @staticmethod
    def _status(helm: Helm, call: Call) -> dict[str, Any] | None:
        """Return the release's last revision as the provider reports it, None if there is none."""
        try:
            found = helm.json("get", "metadata", str(at(call.inputs, "name")))
        except HelmFailed as failed:
            if failed.not_found:
                return None
            raise Refused(f"Helm release {_id(call.inputs)!r} can't be read: {failed}") from failed
        keys = ("appVersion", "chart", "name", "namespace", "revision", "status", "version")
        return {key: found.get(key) for key in keys}

    def _live(self, call: Call, helm: Helm) -> Live:
        status = self._status(helm, call) or {}
        manifest = helm.read("get", "manifest", str(at(call.inputs, "name"))) if status else ""
        return Live(id=_id(call.inputs), inputs=call.inputs, outputs=_outputs(call.inputs, status, manifest))

    def _half_done(self, call: Call, helm: Helm, message: str) -> NoReturn:
        """Save the release with its new inputs and what went wrong, so that the next update tries again."""
        try:
            live = self._live(call, helm)
        except (HelmFailed, Refused):
            live = Live(id=_id(call.inputs), inputs=call.inputs, outputs=call.inputs)
        raise InitFailed(live, message)

    def _failure(self, call: Call, verb: str, failed: HelmFailed) -> str:
        how = "was cancelled" if self.session.cancelled.is_set() else f"failed to {verb}"
        return f"Helm release {_id(call.inputs)!r} {how}: {failed}"


def _id(inputs: dict[str, Any]) -> str:
    return f"{at(inputs, 'namespace')}/{at(inputs, 'name')}"


def _outputs(inputs: dict[str, Any], status: dict[str, Any], manifest: str) -> dict[str, Any]:
    return inputs | {
        "status": status,
        "resourceNames": chart.resource_names(manifest),
        "checksum": hashlib.sha256(manifest.strip().encode()).hexdigest(),
    }
