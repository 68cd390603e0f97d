"""GitHub environments: nobody goes around them, and each names its refs."""

from collections.abc import Iterator

from policy.declaration import Declaration, known
from policy.rule import Rule, items, mapping

ENVIRONMENT = "github:index/repositoryEnvironment:RepositoryEnvironment"
POLICIES = {
    "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
    "github:index/repositoryDeploymentBranchPolicy:RepositoryDeploymentBranchPolicy",
}
PRODUCTION = ("production", "production-rollback")
PRODUCTION_REFS = {"main", "v*"}


def _no_bypass(declaration: Declaration) -> Iterator[str]:
    if declaration.type != ENVIRONMENT:
        return
    # GitHub's default is true.
    if known(declaration.inputs.get("canAdminsBypass")) is not False:
        yield "an administrator can go around its reviewers; declare canAdminsBypass: false"
    reviewed = items(declaration.inputs.get("reviewers"))
    if reviewed and known(declaration.inputs.get("preventSelfReview")) is not True:
        yield "whoever starts a run can approve it; declare preventSelfReview: true"
    if known(declaration.inputs.get("environment")) in PRODUCTION and not reviewed:
        yield "nobody approves what reaches production; list reviewers in alys:github"


def _own_refs(declaration: Declaration) -> Iterator[str]:
    if declaration.type == ENVIRONMENT:
        refs = mapping(declaration.inputs.get("deploymentBranchPolicy"))
        if not (known(refs.get("customBranchPolicies")) or known(refs.get("protectedBranches"))):
            yield "every branch reaches it; declare a deploymentBranchPolicy and the branches"
    if declaration.type in POLICIES:
        keys = ("branchPattern", "tagPattern", "name")
        pattern = next((str(known(declaration.inputs[key])) for key in keys if key in declaration.inputs), "")
        if not pattern.strip("*/"):
            yield f"the pattern {pattern!r} lets every ref in; name the branches or tags"
        environment = known(declaration.inputs.get("environment"))
        if environment in PRODUCTION and pattern not in PRODUCTION_REFS:
            yield f"{pattern!r} reaches production, where only {', '.join(sorted(PRODUCTION_REFS))} may"


NO_BYPASS = Rule(
    name="environments-without-bypass",
    reason="An approval that an administrator can skip is no approval.",
    check=_no_bypass,
)
OWN_REFS = Rule(
    name="environments-name-their-refs",
    reason="The OIDC subject of an environment carries no branch: without a list any branch gets the role.",
    check=_own_refs,
)
