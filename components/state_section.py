"""The `state` section: what has to be there before the other stacks."""

from typing import Any

from pulumi import Output

from components.aws_account import Place
from components.release_policies import STACK_CONTEXT
from components.state_store import StateStore, StateStoreArgs
from sections.state import State


def declare_state(where: Place, state: State) -> dict[str, Any]:
    """Declare bucket and key; the outputs are what to type next."""
    account = where.account
    store = StateStore(
        "state",
        StateStoreArgs(account=account, bucket=state.bucket, accounts=state.accounts),
        where.inside,
    )
    return {
        "state_key": store.key_arn,
        "next": [
            Output.concat("pulumi login '", backend_url(state.bucket, account.region), "'"),
            Output.concat(
                "pulumi stack init staging --secrets-provider 'awskms:///",
                store.key_arn,
                f"?region={account.region}&{bound_to('staging')}'",
            ),
            "pulumi up -s staging",
        ],
    }


def bound_to(stack: str) -> str:
    """The part of a secrets provider's address that binds secrets to their stack; its roles ask for it."""
    return f"context_{STACK_CONTEXT}={stack}"


def backend_url(bucket: str, region: str) -> str:
    """The bucket as `pulumi login` and `PULUMI_BACKEND_URL` take it."""
    return f"s3://{bucket}?region={region}"
