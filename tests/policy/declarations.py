"""Declarations for the rules' tests."""

import json

from policy.declaration import Declaration


def declaration(type_, inputs=None, *, name="it", **more):
    return Declaration(
        type=type_, name=name, urn=f"urn:pulumi:test::alys::{type_}::{name}", inputs=inputs or {}, **more
    )


def found(rule, type_, inputs=None, **more):
    """What the rule says of one resource, joined."""
    return " ".join(rule.check(declaration(type_, inputs, **more)))


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
