"""What a run asks besides the backend and the cluster: Prometheus, the registry, GitHub, the channels."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import httpx

from release.errors import ReleaseError, UsageError
from release.gates import QueryFailure
from release.health import clocks
from release.health.checkup import Check, not_asked, ok, wrong
from release.health.stack_checks import of_trouble
from release.outside import metrics, registry
from release.outside.deadline import within
from release.outside.prometheus import Prometheus
from release.outside.registry import Absent, Answer, Denied, Found, Unreachable
from sections.pin import Pin
from settings import Settings, on_localhost

LIMIT_SECONDS = 5.0
_TOKEN, _REPOSITORY, _API = "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"
_SCOPES = {"repo", "repo_deployment"}
"""Of a classic token: either of them records deployments."""
_OK, _UNAUTHORIZED, _REFUSED = 200, 401, {403, 404}


def prometheus(find: Callable[[], Prometheus], *, stack: str) -> Check:
    """Whether gates have somebody to ask; `find` refuses where there is nobody."""
    try:
        answer = find().ask("vector(1)")
    except ReleaseError as error:
        return of_trouble("prometheus", error)
    if isinstance(answer, QueryFailure):
        return wrong(
            "prometheus",
            answer.reason,
            f"See which one is asked, strategy.prometheus:  cat Pulumi.{stack}.yaml\n"
            f"For this once:  export {metrics.VARIABLE}=http://127.0.0.1:9090",
        )
    return ok("prometheus", "it answers queries")


def image(environment: Mapping[str, str], image: str, pin: Pin) -> Check:
    """Whether the registry answers, and still has what is pinned."""
    answer = registry.ask(environment, image, pin.digest or pin.version)
    return judged_image(answer, image, pin)


def judged_image(answer: Answer, image: str, pin: Pin) -> Check:
    """What its answer means. Pure."""
    host = image.partition("/")[0]
    match answer:
        case Found():
            return ok("registry", f"{host} has the pinned {pin.version}")
        case Absent():
            return wrong(
                "registry",
                f"{host} hasn't got the pinned {pin.version}: a pod that moves could not be started",
                "Look for the run that published it:  gh run list --branch main",
            )
        case Denied():
            return wrong(
                "registry",
                f"{host} doesn't say to us what it has",
                f"Log in to it:  docker login {host}\n"
                "At ghcr.io a token that may read packages will do:  export GITHUB_TOKEN=$(gh auth token)",
            )
        case Unreachable(reason=reason):
            scheme = "http" if on_localhost(image) else "https"
            return wrong(
                "registry", f"{host} can't be asked: {reason}", f"See:  curl -sSI {scheme}://{host}/v2/"
            )


def registry_clock(image: str) -> Check:
    """The clock of the registry's host."""
    host = image.partition("/")[0]
    address = f"{'http' if on_localhost(image) else 'https'}://{host}/v2/"

    def ask() -> str | None:
        with httpx.Client(mounts={"http://localhost": None, "http://127.0.0.1": None}) as http:
            return within(LIMIT_SECONDS, lambda: http.get(address, timeout=LIMIT_SECONDS)).headers.get("date")

    try:
        return clocks.check("registry's clock", ask)
    except (httpx.HTTPError, TimeoutError):
        return not_asked("registry's clock", "the registry doesn't answer")


def github(environment: Mapping[str, str], settings: Settings | None) -> Check:
    """Whether a token is there that can record deployments."""
    token = environment.get(_TOKEN)
    named = settings.github.repository if settings and settings.github else ""
    repository = environment.get(_REPOSITORY) or named
    if not token:
        return not_asked("github", f"there is no {_TOKEN}: no deployment is recorded in GitHub")
    if not repository:
        return not_asked("github", f"neither {_REPOSITORY} nor alys:github names a repository")
    api = environment.get(_API) or "https://api.github.com"
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    try:
        answer = within(
            LIMIT_SECONDS,
            lambda: httpx.get(f"{api}/repos/{repository}", headers=headers, timeout=LIMIT_SECONDS),
        )
    except (httpx.HTTPError, TimeoutError) as error:
        return wrong(
            "github", f"{api} can't be asked: {error or type(error).__name__}", f"See:  curl -sSI {api}"
        )
    return judged_github(answer.status_code, answer.headers, _json(answer), repository)


def judged_github(status: int, headers: Mapping[str, str], body: Mapping[str, Any], repository: str) -> Check:
    """What GitHub's answer about the repository says of the token. Pure."""
    if status == _UNAUTHORIZED:
        return wrong("github", "the token is none that GitHub knows", "export GITHUB_TOKEN=$(gh auth token)")
    if status in _REFUSED:
        return wrong(
            "github",
            f"the token doesn't reach {repository} (HTTP {status})",
            "See which repositories it is for:  https://github.com/settings/tokens",
        )
    if status != _OK:
        return wrong("github", f"GitHub answered HTTP {status}", "See:  https://www.githubstatus.com")
    said = headers.get("x-oauth-scopes")
    if said is None:
        # Tokens of jobs and fine-grained ones: what they may write is told only by trying.
        return ok("github", f"the token reaches {repository}; GitHub doesn't list the rights of its kind")
    scopes = {scope.strip() for scope in said.split(",") if scope.strip()}
    can_push = bool(cast("Mapping[str, Any]", body.get("permissions") or {}).get("push"))
    if scopes & _SCOPES and can_push:
        return ok("github", f"the token may record deployments of {repository}")
    lacks = "has no write access there" if scopes & _SCOPES else f"has the scopes {said or 'of nothing'}"
    return wrong(
        "github",
        f"the token can't record deployments of {repository}: it {lacks}",
        "gh auth refresh --scopes repo_deployment && export GITHUB_TOKEN=$(gh auth token)",
    )


def channels(environment: Mapping[str, str]) -> Check:
    """Whether every address is one that can be meant; nothing is sent."""
    if not environment.get("ALYS_NOTIFY"):
        return not_asked("channels", "ALYS_NOTIFY names none: nobody is told of releases")
    from release.outside import notifications  # noqa: PLC0415

    try:
        found = notifications.from_environment(environment)
    except UsageError as error:
        return of_trouble("channels", error)
    return ok("channels", f"can be meant: {', '.join(channel.name for channel in found)}")


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body: Any = answer.json()
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", body) if isinstance(body, dict) else {}
