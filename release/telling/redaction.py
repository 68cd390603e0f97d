"""Keeps secrets out of everything that is said: a filter for log records, and the same for any text."""

import base64
import json
import logging
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

HIDDEN = "[secret]"
"""What Pulumi itself says instead of one."""
_SHORTEST = 8
"""Anything shorter would hide innocent words: the local stack's passphrase is its own name."""
_A_WORD_OF_ITS_OWN = 16
"""From here on a word of a secret with several, such as a line of a key, is one as well."""
_NAMED = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|WEBHOOK|NOTIFY"
)
_KNOWN = re.compile(
    r"gh[opsur]_[A-Za-z0-9]{16,}|github_pat_\w{20,}"  # GitHub
    r"|xox[abeoprs]-[A-Za-z0-9-]{8,}|hooks\.slack\.com/[\w/.-]+"  # Slack
    r"|discord(?:app)?\.com/api/webhooks/[\w/.-]+"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"  # AWS
    r"|(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9._~+/=-]{8,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # a URL's user and password
)

_FORMATTER = logging.Formatter()


class Redactor(logging.Filter):
    """Replaces the secrets it has learned, and what has the form of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets: set[str] = set()
        self._learned: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Never say these, nor their usual encodings; one shorter than eight characters is no secret."""
        for secret in secrets:
            if len(secret.strip()) >= _SHORTEST:
                self._secrets |= _forms(secret.strip())
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._learned = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        text = self._learned.sub(HIDDEN, text) if self._learned else text
        return _KNOWN.sub(HIDDEN, text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record's message and its traceback; every record passes."""
        record.msg, record.args = self.text(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.text(record.exc_text)
        return True


def from_environment(environment: Mapping[str, str]) -> set[str]:
    """The values of the variables whose names say that they hold a secret."""
    secrets: set[str] = set()
    for name, value in environment.items():
        if _NAMED.search(name.upper()) and not name.upper().endswith(("_FILE", "_PATH", "_PROVIDER")):
            secrets |= {value, *(word for word in value.split() if len(word) >= _A_WORD_OF_ITS_OWN)}
            for url in filter(lambda word: "://" in word, value.split()):
                secrets |= in_url(url)
    return secrets


def in_url(url: str) -> set[str]:
    """The parts of a notification URL by which its service knows the sender."""
    parts = urlsplit(url)
    words = {parts.netloc, parts.username or "", *parts.path.split("/"), *re.split(r"[&=]", parts.query)}
    # A host, or a word such as `services`, says nothing; a token has a digit and no dot.
    tokens = {word for word in words if re.search(r"\d", word) and not re.search(r"[.:@]", word)}
    tokens.add(parts.password or "")
    return {url, *tokens, *map(unquote, tokens)}


def install(redactor: Redactor, root: logging.Logger) -> None:
    """Have every record of every logger redacted that reaches the root's handlers; it has one afterwards.

    A filter on a logger sees only what is logged to that logger itself, so the handlers get it as well.
    """
    if not root.handlers:
        # Or else warnings go to Python's last resort, which nobody filters.
        root.addHandler(logging.StreamHandler())
    for place in (root, *root.handlers):
        if redactor not in place.filters:
            place.addFilter(redactor)


def _forms(secret: str) -> set[str]:
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode().rstrip("="),
    }
