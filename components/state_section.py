"""The `state` section: what has to be there before the other stacks."""

from typing import Any

from pulumi import Output

from components.aws_account import Place
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
                f"?region={account.region}'",
            ),
            "pulumi up -s staging",
        ],
    }


def backend_url(bucket: str, region: str) -> str:
    """The bucket as `pulumi login` and `PULUMI_BACKEND_URL` take it."""
    return f"s3://{bucket}?region={region}"
