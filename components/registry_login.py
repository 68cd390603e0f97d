"""What pods pull their image with, where machines have no right of their own."""

from pulumi import Input, Output

from sections.registry import Registry


def registry_login(registry: Registry | None, image: str, token: Input[str] | None) -> Output[str] | None:
    """A Docker `config.json` for the image's registry, secret as its token is; None where none is needed."""
    if registry is None or token is None or registry.mode != "direct":
        return None
    host = image.partition("/")[0]
    login = {"auths": {host: {"username": registry.username, "password": token}}}
    return Output.secret(Output.json_dumps(login))
