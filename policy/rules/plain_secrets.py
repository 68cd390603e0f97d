"""Secrets that would stand readable in the state."""

import re
from collections.abc import Iterator

from policy.declaration import Declaration, Secret, leaves
from policy.rule import Rule

LOOKS_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(ghp|gho|ghs|ghu|ghr)_[A-Za-z0-9]{36,}"
    r"|\bgithub_pat_[A-Za-z0-9_]{22,}"
    r"|\bxox[abeprs]-[A-Za-z0-9-]{10,}"
    r"|hooks\.slack\.com/services/"
    r"|discord(app)?\.com/api/webhooks/"
    r"|\bAGE-SECRET-KEY-1"
    r"|://[^/\s:@]+:[^/\s:@]+@"
)
"""What keys and tokens look like: PEM, AWS, GitHub, Slack, Discord, age, and a password in an address."""
ALWAYS_SECRET = {
    "kubernetes:core/v1:Secret": re.compile(r"^(data|stringData)(\.|$)"),
    "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": re.compile(r"^(value|plaintextValue)$"),
    "github:index/actionsSecret:ActionsSecret": re.compile(r"^(value|plaintextValue)$"),
    "aws:secretsmanager/secretVersion:SecretVersion": re.compile(r"^secret(String|Binary)$"),
    "aws:ssm/parameter:Parameter": re.compile(r"^value$"),
}
_SECRET_NAME = re.compile(
    r"(password|passwd)$|(^|[.\]])(token|apiKey|secretKey|accessKey|privateKey|clientSecret)$", re.IGNORECASE
)


def _no_plain_secrets(declaration: Declaration) -> Iterator[str]:
    always = ALWAYS_SECRET.get(declaration.type)
    for path, value in leaves(declaration.inputs):
        if isinstance(value, Secret) or not isinstance(value, str) or not value:
            continue
        named = _SECRET_NAME.search(path) or (always and always.search(path))
        if named or LOOKS_SECRET.search(value):
            # The value stays out of the message: messages end in logs.
            yield f"{path} would stand in the state as plain text; read it as a stack secret"


NO_PLAIN_SECRETS = Rule(
    name="no-plain-secrets",
    reason="State and logs are read by more people than the secret is for.",
    check=_no_plain_secrets,
)
