"""What EventBridge's Python clients see of a broker. Arguments: the broker's URL. Prints what it checked."""
import json
import sys
import time
from datetime import datetime, timedelta, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url = sys.argv[1]
common = dict(
    endpoint_url=url,
    region_name="eu-west-1",
    aws_access_key_id="123456789012",
    aws_secret_access_key="x",
    config=Config(retries={"max_attempts": 1}),
)
events = boto3.client("events", **common)
sqs = boto3.client("sqs", **common)


def refused(code, call, **arguments):
    """Calls, and returns the message of the error, whose code must be `code`."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response["Error"]["Message"]
    raise AssertionError(f"{code} expected of {arguments}")


def check(name, condition, detail=None):
    assert condition, f"{name}: {detail}"


def taken(queue):
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in received]


# Buses
bus = events.create_event_bus(Name="shop", Tags=[{"Key": "team", "Value": "mills"}])["EventBusArn"]
check("arn", bus == "arn:aws:events:eu-west-1:123456789012:event-bus/shop", bus)
refused("ResourceAlreadyExistsException", events.create_event_bus, Name="shop")
check("list", [each["Name"] for each in events.list_event_buses()["EventBuses"]] == ["default", "shop"])
check("describe", events.describe_event_bus(Name="shop")["Arn"] == bus)
check("tags", events.list_tags_for_resource(ResourceARN=bus)["Tags"] == [{"Key": "team", "Value": "mills"}])
events.untag_resource(ResourceARN=bus, TagKeys=["team"])

# Rules and targets
queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
queue_arn = "arn:aws:sqs:eu-west-1:123456789012:jobs"
pattern = json.dumps({"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}})
rule = events.put_rule(Name="big", EventBusName="shop", EventPattern=pattern)["RuleArn"]
check("rule", rule == "arn:aws:events:eu-west-1:123456789012:rule/shop/big", rule)
transformer = {"InputPathsMap": {"t": "$.detail.total"}, "InputTemplate": '{"total": <t>, "by": "<aws.events.rule-name>"}'}
target = {"Id": "q", "Arn": queue_arn, "InputTransformer": transformer}
put = events.put_targets(Rule="big", EventBusName="shop", Targets=[target])
check("targets", put["FailedEntryCount"] == 0, put)
check("as they were", events.list_targets_by_rule(Rule="big", EventBusName="shop")["Targets"] == [target])
text = refused("ResourceNotFoundException", events.put_targets, Rule="none", Targets=[target])
check("wording", text == "Rule none does not exist on EventBus default.", text)
check("names", events.list_rule_names_by_target(TargetArn=queue_arn, EventBusName="shop")["RuleNames"] == ["big"])

# Events
when = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)


def entry(total, **more):
    return {"Source": "shop", "DetailType": "order", "Detail": json.dumps({"total": total}), "EventBusName": "shop", **more}


answer = events.put_events(Entries=[entry(11, Time=when), entry(9), {"Source": "shop"}])
check("one failed", answer["FailedEntryCount"] == 1 and "ErrorCode" in answer["Entries"][2], answer)
check("the one that matches", taken(queue) == [{"total": 11, "by": "big"}])

# Archives and replays
archive = events.create_archive(ArchiveName="all", EventSourceArn=bus, RetentionDays=1)["ArchiveArn"]
events.put_events(Entries=[entry(12, Time=when), entry(13, Time=when + timedelta(hours=1))])
taken(queue)
described = events.describe_archive(ArchiveName="all")
check("archived", described["EventCount"] == 2, described)
events.start_replay(
    ReplayName="again",
    EventSourceArn=archive,
    EventStartTime=when,
    EventEndTime=when + timedelta(minutes=5),
    Destination={"Arn": bus, "FilterArns": [rule]},
)
for _ in range(200):
    replay = events.describe_replay(ReplayName="again")
    if replay["State"] == "COMPLETED":
        break
    time.sleep(0.02)
check("replayed", replay["State"] == "COMPLETED" and replay["EventLastReplayedTime"] == when, replay)
check("again", taken(queue) == [{"total": 12, "by": "big"}])
refused("ResourceNotFoundException", events.describe_replay, ReplayName="none")

# Connections
connection = events.create_connection(
    Name="c", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "secret"}}
)
check("authorized", connection["ConnectionState"] == "AUTHORIZED", connection)
check("no secrets", "secret\"" not in json.dumps(events.describe_connection(Name="c"), default=str))

# The end
check("pattern", events.test_event_pattern(
    EventPattern='{"source":["s"]}',
    Event=json.dumps({"id": "1", "account": "1", "source": "s", "time": "x", "region": "r", "resources": [], "detail-type": "t"}),
)["Result"])
refused("ValidationException", events.delete_rule, Name="big", EventBusName="shop")
events.remove_targets(Rule="big", EventBusName="shop", Ids=["q"])
events.delete_rule(Name="big", EventBusName="shop")
events.delete_event_bus(Name="shop")
refused("ResourceNotFoundException", events.describe_archive, ArchiveName="all")
print("all good")
