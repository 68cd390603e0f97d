import base64
import gzip
import json

from release import helm_record

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
