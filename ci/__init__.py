"""What decides in a pipeline: one small program a question, with nothing but the standard library.

They run as `python3 -m ci.NAME` on GitHub's runners, beside a checkout of the node's repository.
"""
