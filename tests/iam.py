"""IAM documents through parliament."""

import warnings

with warnings.catch_warnings():
    # It was written for older Pythons: its import warns about regular expressions, files and pkg_resources.
    warnings.simplefilter("ignore")
    import parliament


def findings(text: str) -> list[tuple[str, object]]:
    """What is wrong with a document, each as its kind and the detail."""
    return [(one.issue, one.detail) for one in parliament.analyze_policy_string(text).findings]
