from tests.cloud import NETWORK, statements, with_cluster


def test_all_traffic_is_logged_and_kept_as_long_as_the_file_says():
    recording = with_cluster(network={**NETWORK, "flow_log_days": 14})
    group = recording.one("aws:cloudwatch/logGroup:LogGroup", "network-flow-logs")
    assert recording.one("aws:ec2/flowLog:FlowLog").inputs["trafficType"] == "ALL"
    assert group.inputs["retentionInDays"] == 14
    assert "environment-key" in group.sources["kmsKeyId"][0]


def test_the_logs_are_written_in_the_name_of_this_account_alone():
    role = with_cluster().one("aws:iam/role:Role", "network-flow-role")
    assert statements(role, "assumeRolePolicy")["Service"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"}
    }


def test_the_role_writes_into_its_own_group_alone():
    policy = with_cluster().one("aws:iam/rolePolicy:RolePolicy", "network-flow-policy")
    group = "arn:aws:logs:us-east-1:111111111111:log-group:/alys/staging/flow:"
    assert all(one["Resource"].startswith(group) for one in statements(policy).values())
