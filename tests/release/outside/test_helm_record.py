import base64
import gzip
import json

from components.feature_flags import feature_flags
from release.outside import helm_record
from sections.pin import Pin

MANIFEST = """\
---
# Source: alys-node/templates/statefulset.yaml
kind: StatefulSet
metadata:
  name: alys-node
spec:
  replicas: 4
---
# an empty document

---
kind: Service
metadata:
  name: alys-node
"""


def packed(record):
    return base64.b64encode(base64.b64encode(gzip.compress(json.dumps(record).encode()))).decode()


def test_a_record_is_read_as_helm_packs_it():
    image = {"version": "v1.0.0", "digest": "sha256:" + "a" * 64}
    record = helm_record.unpack(packed({"version": 3, "config": {"image": image}, "manifest": MANIFEST}))
    assert (record.number, record.version, record.digest) == (3, "v1.0.0", image["digest"])
    assert record.object("StatefulSet", "alys-node")["spec"] == {"replicas": 4}
    assert record.object("StatefulSet", "another") is None


def test_a_release_without_a_digest_has_none():
    record = helm_record.unpack(packed({"version": 1, "config": {"image": {"version": "v1", "digest": ""}}}))
    assert record.digest is None
    assert record.objects == ()


class Remembering:
    """A cluster with Helm's Secrets and nothing else."""

    namespace = "alys-local"

    def __init__(self, *records):
        self.kube = self
        self.secrets = [
            {
                "metadata": {"labels": {"version": str(number), "status": status}},
                "data": {"release": packed(one)},
            }
            for number, status, one in records
        ]

    def items(self, _path, **_query):
        return self.secrets


def of(pin, *, percent=100):
    flags = {"digest": feature_flags(pin).digest}
    return {
        "config": {
            "image": {"version": pin.version, "digest": pin.digest or ""},
            "flags": flags,
            "rollout": {"percent": percent},
            "migration": {"phase": pin.phase or ""},
        }
    }


def test_the_newest_revision_that_ran_a_pin_on_all_pods_is_found():
    pin = Pin(version="v1.0.0")
    cluster = Remembering(
        (9, "superseded", of(pin)),
        (10, "superseded", of(pin)),
        (11, "failed", of(pin)),
        (12, "deployed", of(pin, percent=25)),
    )
    assert helm_record.of_pin(cluster, pin) == 10


def test_a_revision_with_other_flags_or_of_another_phase_is_another_release():
    pin = Pin(version="v1.0.0")
    cluster = Remembering((1, "superseded", of(pin)))
    assert helm_record.of_pin(cluster, Pin(version="v1.0.0", flags={"fast": True})) is None
    assert helm_record.of_pin(cluster, Pin(version="v1.0.0", phase="foundation")) is None
