"""A Kubernetes object of any kind, made and kept by server-side apply."""

import hashlib
from typing import Any

from typing_extensions import override

from local.plugins import differences, naming
from local.plugins.differences import Difference
from local.plugins.objects import manifest, readiness, rules, waiting
from local.plugins.objects.api import EXISTS, GONE, ApiError, Kind
from local.plugins.objects.session import Session
from local.plugins.resources import Call, Failure, InitFailed, Live, Refused, ResourceType
from local.plugins.values import UNKNOWN, at, has_unknowns, plain


class Object(ResourceType):
    """The operations on objects, in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @override
    def check(self, call: Call) -> tuple[dict[str, Any], list[Failure]]:
        inputs = call.inputs
        for key in ("apiVersion", "kind"):
            if not at(inputs, key):
                return inputs, [Failure(property=key, reason=f"{call.type} needs an `{key}`.")]
        if at(inputs, "metadata") is UNKNOWN:
            return inputs, []
        if not at(inputs, "metadata", "name") and not at(inputs, "metadata", "generateName"):
            if call.naming_disabled:
                return inputs, [
                    Failure(property="metadata", reason="needs a `name`: autonaming is disabled.")
                ]
            inputs = manifest.with_name(inputs, self._made_up_name(call))
        kind = self._kind(inputs)
        if kind and kind.namespaced and not at(inputs, "metadata", "namespace"):
            metadata: dict[str, Any] = dict(at(inputs, "metadata") or {})
            inputs = inputs | {"metadata": metadata | {"namespace": self.session.namespace}}
        return manifest.hidden(inputs), []

    @override
    def diff(self, call: Call) -> Difference:
        old, new = plain(call.old_inputs), plain(call.inputs)
        same_place = all(
            at(old, "metadata", key) == at(new, "metadata", key) for key in ("name", "namespace")
        )
        return differences.compare(
            old,
            new,
            replaces=lambda path: rules.replaces(path, old, new, mutable=self.session.settings.mutable),
            delete_first=same_place and not manifest.autonamed(new),
        )

    @override
    def create(self, call: Call) -> Live:
        kind = self._kind(call.inputs)
        if call.preview:
            return self._preview(call, kind)
        if kind is None:
            raise Refused(_unknown_kind(call.inputs))
        name, namespace = _place(call.inputs)
        if not self.session.settings.upsert and self.session.api.get(kind, namespace, name):
            raise Refused(
                f"{kind.kind} {_id(namespace, name)} already exists, and this stack did not make it. "
                f"`pulumi import --generate-code=false {call.type} {call.name} "
                f"{_id(namespace, name)}` takes it over."
            )
        return self._apply(call, kind)

    @override
    def update(self, call: Call) -> Live:
        kind = self._kind(call.inputs)
        if call.preview:
            return self._preview(call, kind)
        if kind is None:
            raise Refused(_unknown_kind(call.inputs))
        return self._apply(call, kind)

    @override
    def read(self, call: Call) -> Live | None:
        declared = call.inputs or call.old_inputs
        known = {"apiVersion": _api_version(call.type), "kind": call.type.rpartition(":")[2]} | plain(
            declared
        )
        try:
            kind = self._kind(known)
            namespace, _, name = call.id.rpartition("/")
            found = self.session.api.get(kind, namespace or None, name) if kind else None
        except ApiError:
            raise
        except Refused:
            if self.session.settings.delete_unreachable:
                return None
            raise
        if found is None or kind is None:
            return None
        inputs = manifest.refreshed(declared, call.state, found) if declared else manifest.imported(found)
        live = self._live(found, inputs, self._manager(call))
        if declared and not self._skips_wait(declared):
            judged = readiness.verdict(found, self.session.api)
            if not judged.ready:
                raise InitFailed(live, f"{kind.kind} {call.id}: {judged.missing}")
        return live

    @override
    def delete(self, call: Call) -> None:
        declared = call.old_inputs or call.state
        annotations: dict[str, str] = plain(at(declared, "metadata", "annotations")) or {}
        try:
            kind = self._kind(declared)
            name, namespace = _place(call.state or declared)
            found = self.session.api.get(kind, namespace, name) if kind else None
        except ApiError:
            raise
        except Refused:
            if self.session.settings.delete_unreachable:
                return
            raise
        if kind is None or found is None:
            return
        propagation = annotations.get("pulumi.com/deletionPropagationPolicy", "foreground").capitalize()
        self.session.api.delete(kind, namespace, name, propagation=propagation)
        if self._skips_wait(declared):
            return
        try:
            waiting.until_gone(
                self.session.api,
                kind,
                namespace,
                name,
                uid=str(at(found, "metadata", "uid")),
                timeout=waiting.limit(annotations, call.timeout),
                cancelled=self.session.cancelled,
            )
        except waiting.NotReady as waited:
            raise Refused(str(waited)) from waited

    def _kind(self, declared: dict[str, Any]) -> Kind | None:
        return self.session.api.kind(str(at(declared, "apiVersion")), str(at(declared, "kind")))

    def _made_up_name(self, call: Call) -> str:
        """Return the name that the object has had, or a new one."""
        if manifest.autonamed(call.old_inputs):
            return str(at(call.old_inputs, "metadata", "name"))
        return call.proposed_name or naming.unique_name(call.name, call.seed)

    @staticmethod
    def _manager(call: Call) -> str:
        """Return the owner of the object's fields: each resource is one, so that two can share an object."""
        recorded = at(call.state, manifest.MANAGER_KEY)
        return str(recorded or f"pulumi-kubernetes-{hashlib.sha256(call.urn.encode()).hexdigest()[:8]}")

    @staticmethod
    def _skips_wait(declared: dict[str, Any]) -> bool:
        return str(at(declared, "metadata", "annotations", "pulumi.com/skipAwait")).lower() == "true"

    def _preview(self, call: Call, kind: Kind | None) -> Live:
        """Ask the API server what it would make of the object; when it can't know, answer with the inputs."""
        name, namespace = _place(call.inputs)
        known = Live(id=_id(namespace, name), inputs=call.inputs, outputs=dict(call.inputs))
        if kind is None or has_unknowns(call.inputs) or not name:
            return known
        try:
            would_be = self._send(call, kind, dry_run=True)
        except ApiError as error:
            if error.status == GONE:
                return known
            raise
        if not call.id:
            would_be.pop("status", None)
            for key in ("uid", "resourceVersion", "creationTimestamp", "generation"):
                would_be["metadata"].pop(key, None)
        return self._live(would_be, call.inputs, self._manager(call))

    def _send(self, call: Call, kind: Kind, *, dry_run: bool = False) -> dict[str, Any]:
        annotated = str(at(call.inputs, "metadata", "annotations", "pulumi.com/patchForce")).lower() == "true"
        force = annotated or self.session.settings.patch_force
        body = manifest.body(call.inputs)
        try:
            return self.session.api.apply(
                kind, body, manager=self._manager(call), force=force, dry_run=dry_run
            )
        except ApiError as error:
            what = f"{kind.kind} {_id(at(body, 'metadata', 'namespace'), str(at(body, 'metadata', 'name')))}"
            remedy = ""
            if error.status == EXISTS and "conflict" in str(error):
                remedy = ' Annotation `pulumi.com/patchForce: "true"` takes the fields over.'
            raise ApiError(error.status, error.reason, f"{what} was refused: {error}.{remedy}") from error

    def _apply(self, call: Call, kind: Kind) -> Live:
        """Apply the object and wait until it is ready; from here on it exists, whatever else goes wrong."""
        found = self._send(call, kind)
        if self._skips_wait(call.inputs):
            return self._live(found, call.inputs, self._manager(call))
        annotations: dict[str, str] = plain(at(call.inputs, "metadata", "annotations")) or {}
        try:
            found = waiting.until_ready(
                self.session.api,
                kind,
                found,
                timeout=waiting.limit(annotations, call.timeout),
                cancelled=self.session.cancelled,
            )
        except (waiting.NotReady, Refused) as waited:
            name, namespace = _place(found)
            latest = self._latest(kind, namespace, name) or found
            raise InitFailed(self._live(latest, call.inputs, self._manager(call)), str(waited)) from waited
        return self._live(found, call.inputs, self._manager(call))

    def _latest(self, kind: Kind, namespace: str | None, name: str) -> dict[str, Any] | None:
        try:
            return self.session.api.get(kind, namespace, name)
        except Refused:
            return None

    @staticmethod
    def _live(found: dict[str, Any], inputs: dict[str, Any], manager: str) -> Live:
        name, namespace = _place(found)
        return Live(id=_id(namespace, name), inputs=inputs, outputs=manifest.outputs(found, inputs, manager))


def _place(declared: dict[str, Any]) -> tuple[str, str | None]:
    name, namespace = at(declared, "metadata", "name"), at(declared, "metadata", "namespace")
    return (
        "" if name in (None, UNKNOWN) else str(name),
        None if namespace in (None, UNKNOWN) else str(namespace),
    )


def _id(namespace: str | None, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _api_version(token: str) -> str:
    """Return the API version that a type token such as `kubernetes:core/v1:Pod` stands for."""
    return token.split(":")[1].removeprefix("core/")


def _unknown_kind(declared: dict[str, Any]) -> str:
    return (
        f"the cluster knows no kind {at(declared, 'kind')} in version {at(declared, 'apiVersion')}: "
        f"is its CustomResourceDefinition installed? `kubectl api-resources` lists what is."
    )
