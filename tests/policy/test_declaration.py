from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc

from policy.declaration import UNKNOWN, Secret, from_wire, known, leaves

SIGNATURE = rpc._special_sig_key


def over_the_wire(value):
    struct = Struct()
    struct.update({"it": value})
    return from_wire(MessageToDict(struct)["it"])


def test_a_secret_keeps_its_mark():
    assert over_the_wire({SIGNATURE: rpc._special_secret_sig, "value": "x"}) == Secret("x")


def test_an_unknown_value_is_told_from_a_text():
    assert over_the_wire(rpc.UNKNOWN) is UNKNOWN
    assert known(over_the_wire(rpc.UNKNOWN)) is None


def test_an_output_without_a_value_is_unknown():
    assert over_the_wire({SIGNATURE: rpc._special_output_value_sig}) is UNKNOWN


def test_an_output_that_is_secret_keeps_its_mark():
    wire = {SIGNATURE: rpc._special_output_value_sig, "value": "x", "secret": True}
    assert over_the_wire(wire) == Secret("x")


def test_a_secret_inside_a_list_keeps_its_mark():
    assert over_the_wire([{SIGNATURE: rpc._special_secret_sig, "value": "x"}]) == [Secret("x")]


def test_a_secret_shows_itself_to_nobody():
    assert "hunter2" not in repr(Secret("hunter2"))


def test_leaves_are_named_by_their_path():
    assert dict(leaves({"a": [{"b": 1}], "c": 2})) == {"a[0].b": 1, "c": 2}
