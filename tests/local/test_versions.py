import json

import pytest

from local import versions


@pytest.mark.parametrize(
    ("said", "fits"), [("v3.249.0", False), ("v3.250.0", True), ("v3.300.1", True), ("v4.0.0", False)]
)
def test_pulumi_fits_from_the_sdks_minor_on(programs, said, fits):
    programs.program("pulumi-language-python")
    programs.answer("pulumi version", said)
    assert versions.fits("pulumi", programs.folder / "pulumi", "v1.36.1") is fits


def test_a_pulumi_without_its_language_host_does_not_fit(programs):
    programs.answer("pulumi version", "v3.250.0")
    assert not versions.fits("pulumi", programs.folder / "pulumi", "v1.36.1")


@pytest.mark.parametrize(
    ("said", "fits"), [("v3.17.4+g", False), ("v3.18.0+g", True), ("v3.22.0+g", True), ("v4.0.1", False)]
)
def test_helm_fits_from_3_18_to_the_end_of_3(programs, said, fits):
    programs.answer("helm version --short", said)
    assert versions.fits("helm", programs.folder / "helm", "v1.36.1") is fits


@pytest.mark.parametrize(
    ("said", "fits"),
    [("v1.34.9", False), ("v1.35.0", True), ("v1.36.1", True), ("v1.37.0", True), ("v1.38.0", False)],
)
def test_kubectl_fits_within_one_minor(programs, said, fits):
    programs.answer("kubectl version --client -o json", json.dumps({"clientVersion": {"gitVersion": said}}))
    assert versions.fits("kubectl", programs.folder / "kubectl", "v1.36.1") is fits


@pytest.mark.parametrize("name", ["pulumi", "helm", "kubectl"])
def test_a_program_that_fails_does_not_fit(programs, name):
    path = programs.program(name)
    assert not versions.fits(name, path, "v1.36.1")
