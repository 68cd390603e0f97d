"""A bucket as a backend's URL says it is entered, over HTTP: against moto, a stand-in for S3."""

import pytest

from components.iam import allow, document
from release.errors import ContactLostError, NotAllowedError
from release.outside import bucket
from release.outside.bucket import Bucket
from tests.release.receiver import Reply
from tests.s3 import ANYBODY, REGION


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    monkeypatch.delenv("AWS_REGION", raising=False)


@pytest.mark.parametrize(
    ("path", "prefix"),
    [("", ""), ("/", ""), ("/team", "team/"), ("/team/", "team/"), ("/a/b%20c", "a/b c/"), ("//a", "a/")],
)
def test_the_path_of_the_url_comes_before_every_key(path, prefix):
    assert bucket.find(f"s3://state{path}") == Bucket(name="state", prefix=prefix)


@pytest.mark.parametrize("backend", ["file:///state", "gs://state", "https://api.pulumi.com", ""])
def test_another_backend_is_no_bucket(backend):
    assert bucket.find(backend) is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("region=eu-west-1&awssdk=v2", {"region": "eu-west-1"}),
        ("profile=ops&ssetype=aws:kms&kmskeyid=1", {"profile": "ops"}),
        ("role=arn:aws:iam::1:role/alys", {"role": "arn:aws:iam::1:role/alys"}),
        ("endpoint=host:9000", {"endpoint": "https://host:9000"}),
        ("endpoint=http://host:9000", {"endpoint": "http://host:9000"}),
        ("endpoint=host:9000&disableSSL=true", {"endpoint": "http://host:9000", "plain": True}),
        ("endpoint=https://host&disable_https=1", {"endpoint": "http://host", "plain": True}),
        ("disableSSL=false", {}),
        ("s3ForcePathStyle=true", {"path_style": True}),
        ("use_path_style=T", {"path_style": True}),
        ("hostname_immutable=true&endpoint=http://h", {"path_style": True, "endpoint": "http://h"}),
        ("anonymous=true", {"anonymous": True}),
        ("dualstack=true&fips=1&accelerate=True", {"dualstack": True, "fips": True, "accelerate": True}),
        ("prefix=all/", {"prefix": "all/"}),
    ],
)
def test_a_parameter_says_what_it_says_to_the_cli(query, said):
    assert bucket.find(f"s3://state?{query}") == Bucket(name="state", **said)


def test_a_prefix_comes_before_the_path():
    assert bucket.find("s3://state/team?prefix=all/").prefix == "all/team/"


def test_without_a_region_the_environment_s_is_taken(monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert bucket.find("s3://state").region == "eu-north-1"
    assert bucket.find("s3://state?region=eu-west-1").region == "eu-west-1"


def read(backend, folder="locks"):
    return {entry.url: entry.content for entry in bucket.find(backend).read(folder, ending=".json")}


@pytest.mark.parametrize("path", ["", "/team/a"])
def test_what_is_in_a_folder_is_read_and_nothing_else(s3, path):
    start = f"{path.lstrip('/')}/" if path else ""
    for key in ("locks/1.json", "locks/2.json", "locks/notes.txt", "locks/below/3.json", "locks-2/4.json"):
        s3.put(f"{start}{key}", key.encode())
    assert read(s3.backend(path)) == {
        f"s3://{s3.bucket}/{start}locks/1.json": b"locks/1.json",
        f"s3://{s3.bucket}/{start}locks/2.json": b"locks/2.json",
    }


def test_the_spellings_of_both_sdks_lead_to_the_same_bucket(s3):
    s3.put("locks/1.json", b"{}")
    spelled = s3.backend(region=REGION, endpoint=f"http://{s3.address}", use_path_style="true")
    assert read(spelled) == read(s3.backend())
    assert len(read(spelled)) == 1


def test_a_profile_of_the_user_s_is_used(s3, monkeypatch, tmp_path):
    s3.put("locks/1.json", b"{}")
    for name in ANYBODY:
        monkeypatch.delenv(name)
    keys = "aws_access_key_id = a\naws_secret_access_key = b\n"
    (tmp_path / "aws_shared_credentials_file").write_text(f"[ops]\n{keys}")
    assert len(read(f"{s3.backend()}&profile=ops")) == 1
    with pytest.raises(ContactLostError, match="nowhere"):
        read(f"{s3.backend()}&profile=nowhere")


def test_a_role_is_assumed(s3, monkeypatch):
    s3.put("locks/1.json", b"{}")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://{s3.address}")
    assert len(read(f"{s3.backend()}&role=arn:aws:iam::123456789012:role/alys")) == 1


def test_a_folder_that_was_never_made_is_empty(s3):
    assert read(s3.backend()) == {}


def test_more_than_a_page_is_read_to_the_end(s3, monkeypatch):
    for number in range(3):
        s3.put(f"locks/{number}.json", b"{}")
    listing = bucket.Bucket._client

    def in_small_pages(self):
        client = listing(self)
        client.meta.events.register(
            "provide-client-params.s3.ListObjectsV2", lambda params, **_: {**params, "MaxKeys": 2}
        )
        return client

    monkeypatch.setattr(bucket.Bucket, "_client", in_small_pages)
    assert len(read(s3.backend())) == 3


def test_an_object_that_goes_between_listing_and_reading_is_left_out(s3, monkeypatch):
    s3.put("locks/1.json", b"{}")
    s3.put("locks/2.json", b"{}")
    opened = bucket.Bucket._client

    def losing(self):
        client = opened(self)
        client.meta.events.register(
            "after-call.s3.ListObjectsV2",
            lambda **_: s3.client("s3").delete_object(Bucket=s3.bucket, Key="locks/1.json"),
        )
        return client

    monkeypatch.setattr(bucket.Bucket, "_client", losing)
    assert list(read(s3.backend())) == [f"s3://{s3.bucket}/locks/2.json"]


def refusal(backend, kind=ContactLostError):
    with pytest.raises(kind) as refused:
        read(backend)
    assert type(refused.value) is kind
    return refused.value


def test_without_credentials_it_says_so_and_how_to_ask(s3, monkeypatch):
    for name in ANYBODY:
        monkeypatch.delenv(name)
    error = refusal(s3.backend())
    assert error.what == f"The bucket {s3.bucket} can't be read: Unable to locate credentials"
    assert error.where == f"s3://{s3.bucket}/locks/"
    assert error.remedy.startswith(
        f"Ask it yourself:  aws s3 ls --region {REGION} --endpoint-url http://{s3.address} "
        f"s3://{s3.bucket}/locks/\n"
    )
    assert "s3:ListBucket" in error.remedy


def test_who_may_not_is_told_what_was_refused(s3):
    nothing = document(allow("Nothing", ["s3:ListBucket"], "arn:aws:s3:::another"))
    with pytest.MonkeyPatch.context() as patched, s3.only_allowed(nothing) as keys:
        for name, value in keys.items():
            patched.setenv(name, value)
        error = refusal(s3.backend(), NotAllowedError)
    assert error.what.endswith("can't be read: ListObjectsV2 was answered with AccessDenied")


def test_a_bucket_that_is_not_there_is_no_empty_one(s3):
    s3.client("s3").delete_bucket(Bucket=s3.bucket)
    assert "NoSuchBucket" in refusal(s3.backend()).what


def test_where_nobody_listens_it_says_where_that_was(s3, nobody):
    error = refusal(s3.backend(endpoint=nobody, region=REGION, use_path_style="true"))
    assert f'Could not connect to the endpoint URL: "{nobody}' in error.what


def test_a_server_that_fails_is_asked_twice_and_no_more(s3, receiver):
    receiver.answer = lambda _: Reply(status=503)
    refusal(s3.backend(endpoint=receiver.address, region=REGION, use_path_style="true"))
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_server_that_never_ends_its_answer_is_not_waited_for(s3, receiver, monkeypatch, how):
    monkeypatch.setattr(bucket, "LIMIT_SECONDS", 0.5)
    receiver.answer = lambda _: Reply(**{how: True})
    error = refusal(s3.backend(endpoint=receiver.address, region=REGION, use_path_style="true"))
    assert "no answer within 0.5 s" in error.what
