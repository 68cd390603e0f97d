"""Who is told of an alert: Alertmanager's part of the chart's values."""

from collections.abc import Iterable
from typing import Any

from sections.observability import AlertService
from sections.release import REHEARSAL

SECRET = "alys-alerts"  # noqa: S105  the name of the Kubernetes Secret
"""Holds a file for each service; Alertmanager reads it anew for each message."""
_MOUNTED = f"/etc/alertmanager/secrets/{SECRET}"
_NOBODY, _TEAM = "nobody", "team"
_FILES: dict[AlertService, tuple[str, str]] = {
    "discord": ("discord_configs", "webhook_url_file"),
    "pagerduty": ("pagerduty_configs", "routing_key_file"),
    "slack": ("slack_configs", "api_url_file"),
    "webhook": ("webhook_configs", "url_file"),
}


def alertmanager_values(services: Iterable[AlertService]) -> dict[str, Any]:
    """What differs from the chart's own defaults, which tell nobody."""
    told = sorted(services)
    if not told:
        return {}
    return {
        "alertmanagerSpec": {"secrets": [SECRET]},
        "config": {
            "route": {
                "receiver": _NOBODY,
                "group_by": ["namespace", "alertname"],
                "routes": [
                    {"receiver": _NOBODY, "matchers": [f'namespace =~ ".+{REHEARSAL}"']},
                    {"receiver": _TEAM, "matchers": ['severity =~ "warning|critical"']},
                ],
            },
            "receivers": [{"name": _NOBODY}, {"name": _TEAM} | dict(map(_receiver, told))],
            # A warning says nothing new where the same is critical already.
            "inhibit_rules": [
                {
                    "source_matchers": ['severity = "critical"'],
                    "target_matchers": ['severity = "warning"'],
                    "equal": ["namespace", "alertname"],
                }
            ],
        },
    }


def _receiver(service: AlertService) -> tuple[str, list[dict[str, Any]]]:
    kind, key = _FILES[service]
    return kind, [{key: f"{_MOUNTED}/{service}", "send_resolved": True}]
