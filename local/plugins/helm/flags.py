"""A release's inputs as the arguments of the `helm` command."""

from typing import Any

from local.plugins.resources import Failure
from local.plugins.values import UNKNOWN, at

# Seconds: Helm's own limit for each operation.
TIMEOUT = 300

# Inputs that are switches of both `helm install` and `helm upgrade`.
_SWITCHES = {
    "atomic": "--atomic",
    "dependencyUpdate": "--dependency-update",
    "devel": "--devel",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "disableWebhooks": "--no-hooks",
    "forceUpdate": "--force",
    "renderSubchartNotes": "--render-subchart-notes",
    "skipCrds": "--skip-crds",
    "takeOwnership": "--take-ownership",
    "verify": "--verify",
}
_INSTALL = {"createNamespace": "--create-namespace", "replace": "--replace"}
_UPGRADE = {"cleanupOnFail": "--cleanup-on-fail", "reuseValues": "--reuse-values"}
# What a switch that only works while installing must not be passed to.
_CHART = (
    "dependencyUpdate",
    "devel",
    "disableOpenapiValidation",
    "renderSubchartNotes",
    "skipCrds",
    "verify",
)


def deploy(verb: str, inputs: dict[str, Any], timeout: float) -> list[str]:
    """Return the arguments of `helm install` or `helm upgrade`; values are handed over separately."""
    switches = _SWITCHES | (_INSTALL if verb == "install" else _UPGRADE)
    arguments = [verb, *_named(inputs), *_on(inputs, switches), "--timeout", _seconds(inputs, timeout)]
    if not _true(inputs, "skipAwait"):
        arguments += ["--wait", *_on(inputs, {"waitForJobs": "--wait-for-jobs"})]
    if verb == "upgrade":
        history = at(inputs, "maxHistory")
        arguments += ["--history-max", str(int(history))] if history is not None else []
        if not _true(inputs, "reuseValues"):
            # Without values helm would silently keep those of the last revision.
            arguments += ["--reset-values"]
    if description := at(inputs, "description"):
        arguments += ["--description", str(description)]
    if renderer := at(inputs, "postrender"):
        arguments += ["--post-renderer", str(renderer)]
    return arguments


def template(inputs: dict[str, Any], *, upgrade: bool) -> list[str]:
    """Return the arguments that render the release against the cluster and change nothing."""
    switches = {key: _SWITCHES[key] for key in _CHART}
    mode = ["--validate", *(["--is-upgrade"] if upgrade else [])]
    return ["template", *_named(inputs), *_on(inputs, switches), *mode]


def uninstall(inputs: dict[str, Any], timeout: float) -> list[str]:
    """Return the arguments of `helm uninstall`, which waits until everything is gone."""
    wait = [] if _true(inputs, "skipAwait") else ["--wait"]
    hooks = _on(inputs, {"disableWebhooks": "--no-hooks"})
    name = str(at(inputs, "name"))
    return ["uninstall", name, "--ignore-not-found", *hooks, *wait, "--timeout", _seconds(inputs, timeout)]


def refused(inputs: dict[str, Any]) -> list[Failure]:
    """Return what is wrong with a release's inputs, or not followed."""
    failures: list[Failure] = []
    if not inputs.get("chart"):
        failures.append(Failure(property="chart", reason="is required: a chart folder, or a chart's name."))
    for key in ("timeout", "maxHistory"):
        value = at(inputs, key)
        if value is not None and value is not UNKNOWN and (not isinstance(value, int) or value < 0):
            failures.append(Failure(property=key, reason=f"must be a whole number, not {value!r}."))
    if at(inputs, "repositoryOpts", "password"):
        reason = "`password` is not followed: helm takes it only as an argument, where everybody can see it."
        failures.append(Failure(property="repositoryOpts", reason=reason))
    return failures


def _named(inputs: dict[str, Any]) -> list[str]:
    arguments = [str(at(inputs, "name")), str(at(inputs, "chart"))]
    for key, flag in (("repo", "--repo"), ("username", "--username"), ("caFile", "--ca-file")):
        if value := at(inputs, "repositoryOpts", key):
            arguments += [flag, str(value)]
    if (version := at(inputs, "version")) and version is not UNKNOWN:
        arguments += ["--version", str(version)]
    return arguments


def _on(inputs: dict[str, Any], switches: dict[str, str]) -> list[str]:
    return [flag for key, flag in sorted(switches.items()) if _true(inputs, key)]


def _true(inputs: dict[str, Any], key: str) -> bool:
    return at(inputs, key) is True


def _seconds(inputs: dict[str, Any], timeout: float) -> str:
    return f"{int(timeout or at(inputs, 'timeout') or TIMEOUT)}s"
