import pytest

from local.plugins.helm import chart
from local.plugins.resources import Refused
from local.plugins.values import Secret

MANIFEST = """
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
---
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: n}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: s}
"""


def test_the_version_is_the_chart_folders(tmp_path):
    (tmp_path / "Chart.yaml").write_text("version: 1.2.3\n")
    assert chart.local_version(str(tmp_path)) == "1.2.3"


def test_a_chart_from_elsewhere_has_no_version_here():
    assert chart.local_version("nginx") is None


def test_a_folder_without_a_chart_is_named(tmp_path):
    with pytest.raises(Refused, match=f"{tmp_path} is no chart"):
        chart.local_version(str(tmp_path))


def test_values_go_over_value_files():
    inputs = {"valueYamlFiles": [{"text": "a: {b: 1, c: 1}"}], "values": {"a": {"b": Secret(2)}}}
    assert chart.values(inputs) == {"a": {"b": 2, "c": 1}}


@pytest.mark.parametrize(("allowed", "expected"), [(True, {"a": {"b": None}}), (False, {"a": {}})])
def test_nulls_are_passed_on_only_when_allowed(allowed, expected):
    assert chart.values({"values": {"a": {"b": None}}, "allowNullValues": allowed}) == expected


def test_a_manifests_objects_are_named_by_kind():
    assert chart.resource_names(MANIFEST) == {"ConfigMap/v1": ["b", "n/a"], "StatefulSet.apps/apps/v1": ["s"]}
