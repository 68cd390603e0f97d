"""The policy pack: `pulumi preview --policy-pack policy`."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

# The engine runs this folder; the rules are a package of the folder above.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi.runtime.proto import analyzer_pb2_grpc  # noqa: E402

from policy.analyzer import Analyzer  # noqa: E402
from policy.rules import PROGRAM_RULES, RULES  # noqa: E402

# A whole stack comes in one message.
server = grpc.server(ThreadPoolExecutor(max_workers=4), options=[("grpc.max_receive_message_length", -1)])
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(RULES, PROGRAM_RULES), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
# The engine reads the port from the first line.
print(port, flush=True)
server.wait_for_termination()
