"""The question for attestations against GitHub's own description: path, parameters, the answer's form."""

import cramjam
import httpx
import pytest

from release.outside.attestation import Missing, Unavailable
from release.outside.provenance import Provenance
from sections.registry import Attestation
from tests.github_api.takes_any_json import TakesAnyJson

DIGEST = "sha256:" + "a" * 64
WANTED = Attestation(
    repository="octocat/hello-world", workflow="octocat/hello-world/.github/workflows/image.yml"
)
PATIENT = 60
"""Prism answers the first question of each kind slowly."""


class WithStore(TakesAnyJson):
    """The example names an address where bundles are kept; what is there is beyond the description."""

    def handle_request(self, request):
        if request.url.host == "127.0.0.1":
            return super().handle_request(request)
        assert "authorization" not in request.headers
        return httpx.Response(200, stream=httpx.ByteStream(bytes(cramjam.snappy.compress_raw(b"{}"))))


@pytest.fixture
def look_up(address):
    def no_root():
        raise OSError("asked for")

    def _look_up(**headers):
        with httpx.Client(transport=WithStore(), headers=headers) as http:
            return Provenance(http=http, api=address, trust=no_root, limit=PATIENT).look_up(DIGEST, WANTED)

    return _look_up


def test_github_answers_with_bundles_which_want_a_root_of_trust(look_up):
    answer = look_up()
    assert isinstance(answer, Unavailable)
    assert answer.reason == "Sigstore's root of trust can't be had: asked for"


def test_an_image_that_github_does_not_know_has_no_attestation(look_up):
    assert look_up(Prefer="code=404") == Missing()
