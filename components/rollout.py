"""How many pods a rollout's percent means."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Share:
    """The pods that run the pinned version, out of all."""

    pods: int
    replicas: int

    @property
    def percent(self) -> int:
        """The true share in whole percent: 10 % of 3 pods is 1 pod, so 33."""
        return round(100 * self.pods / self.replicas)

    def __str__(self) -> str:
        """For people: `1 of 3 pods (33 %)`."""
        return f"{self.pods} of {self.replicas} pods ({self.percent} %)"


def share(replicas: int, percent: int) -> Share:
    """Round up, so that any percent above 0 reaches a pod; the chart's partition is the rest."""
    return Share(pods=-(-replicas * percent // 100), replicas=replicas)
