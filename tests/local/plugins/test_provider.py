import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from local.plugins import provider
from local.plugins.differences import compare
from local.plugins.resources import InitFailed, Live, Refused, ResourceType
from local.plugins.values import UNKNOWN, Secret, decode, encode
from tests.local.plugins.serving import init_failed, served

TYPE = "toy:index:Thing"


class Thing(ResourceType):
    def check(self, call):
        return call.inputs | {"seen": call.name}, []

    def diff(self, call):
        return compare(call.old_inputs, call.inputs)

    def create(self, call):
        match call.inputs.get("how"):
            case "refused":
                raise Refused("no, and here is why")
            case "half":
                live = Live(id="half", inputs=call.inputs, outputs=call.inputs | {"half": True})
                raise InitFailed(live, "never became ready")
            case "bug":
                raise KeyError("oops")
            case _:
                return Live(id="made", inputs=call.inputs, outputs=call.inputs)

    update = create

    def read(self, call):
        return None

    def delete(self, call):
        raise Refused("still in use")


class Toy(provider.Provider):
    package = "toy"
    notice = "a stand-in for nothing"

    def resource_type(self, token):
        return Thing()


@pytest.fixture
def toy():
    with served(lambda engine: Toy(engine, "1.2.3")) as plugin:
        yield plugin


def test_the_handshake_promises_what_is_kept(toy):
    answer = toy.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert (answer.accept_secrets, answer.accept_resources, answer.accept_outputs) == (True, False, False)


def test_the_version_is_told(toy):
    assert toy.stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"


def test_secrets_and_unknowns_pass_through(toy):
    inputs = {"a": Secret("x"), "b": UNKNOWN}
    assert toy.create(TYPE, "t", inputs, preview=True) == ("", inputs)


def test_the_logical_name_comes_from_the_urn(toy):
    assert toy.check(TYPE, "my-thing", {})[0] == {"seen": "my-thing"}


def test_a_refusal_is_its_message_alone(toy):
    with pytest.raises(grpc.RpcError) as caught:
        toy.create(TYPE, "t", {"how": "refused"})
    assert caught.value.details() == "no, and here is why"


def test_what_exists_but_is_not_ready_is_kept_with_the_reason(toy):
    with pytest.raises(grpc.RpcError) as caught:
        toy.create(TYPE, "t", {"how": "half"})
    kept = init_failed(caught.value)
    assert kept.id == "half"
    assert list(kept.reasons) == ["never became ready"]
    assert decode(kept.properties) == {"how": "half", "half": True}


def test_a_fault_of_ours_is_one_line_without_a_traceback(toy):
    with pytest.raises(grpc.RpcError) as caught:
        toy.create(TYPE, "t", {"how": "bug"})
    assert "failed in Create: KeyError: 'oops'" in caught.value.details()
    assert "Traceback" not in caught.value.details()
    assert "\n" not in caught.value.details()


def test_a_deletion_can_be_refused(toy):
    with pytest.raises(grpc.RpcError, match="still in use"):
        toy.delete(TYPE, "t", "id", {}, {})


def test_what_is_gone_reads_as_nothing(toy):
    assert toy.read(TYPE, "t", "id", {}, {})[0] == ""


def test_an_unknown_function_is_named(toy):
    with pytest.raises(grpc.RpcError, match="toy:index:ask"):
        toy.invoke("toy:index:ask")


def test_the_stand_in_says_so_once(toy):
    toy.check(TYPE, "a", {})
    toy.check(TYPE, "b", {})
    assert toy.listener.messages == ["a stand-in for nothing"]


def test_a_provider_that_is_never_used_says_nothing(toy):
    toy.configure()
    assert toy.listener.messages == []


def test_an_unchanged_resource_has_no_difference(toy):
    answer = toy.diff(TYPE, "t", "id", {"a": 1}, {"a": 1})
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_old_engine_that_sends_no_old_inputs_is_understood():
    """`DiffConfig` then compares with the outputs, which are the same for a provider."""
    with served(lambda engine: Toy(engine, "1")) as toy:
        request = provider_pb2.DiffRequest(olds=encode({"a": 1}), news=encode({"a": 2}))
        assert list(toy.stub.DiffConfig(request).diffs) == ["a"]
