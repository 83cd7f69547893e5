"""What SNS's Python clients see of a broker. Arguments: the broker's URL. Prints what it checked."""
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url = sys.argv[1]


def client(service):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 1}),
    )


sns, sqs = client("sns"), client("sqs")


def refused(code, call, **arguments):
    """Calls, and returns the message of the error, whose code must be `code`."""
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response["Error"]["Message"]
    raise AssertionError(f"{code} expected of {arguments}")


def received(queue):
    """The bodies of what a queue holds; they are deleted."""
    bodies = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return bodies


topic = sns.create_topic(Name="orders", Tags=[{"Key": "team", "Value": "a"}])["TopicArn"]
assert topic == "arn:aws:sns:eu-west-1:123456789012:orders", topic
assert [each["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for each in page["Topics"]] == [topic]
assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "team", "Value": "a"}]

queues = {}
for name, attributes in {
    "raw": {"RawMessageDelivery": "true"},
    "filtered": {"FilterPolicy": json.dumps({"kind": ["order"]})},
}.items():
    queues[name] = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queues[name], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)["SubscriptionArn"]
    described = sns.get_subscription_attributes(SubscriptionArn=subscribed)["Attributes"]
    assert described["Endpoint"] == arn and described["PendingConfirmation"] == "false", described

kind = {"kind": {"DataType": "String", "StringValue": "order"}}
first = sns.publish(TopicArn=topic, Message="größe + & = %", Subject="s", MessageAttributes=kind)
sns.publish(TopicArn=topic, Message="two")
assert received(queues["raw"]) == ["größe + & = %", "two"]
(envelope,) = [json.loads(body) for body in received(queues["filtered"])]
assert (envelope["Message"], envelope["MessageId"], envelope["Subject"]) == ("größe + & = %", first["MessageId"], "s")
assert envelope["TopicArn"] == topic

entries = [{"Id": str(i), "Message": f"m{i}"} for i in range(10)]
assert len(sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)["Successful"]) == 10
assert received(queues["raw"]) == [f"m{i}" for i in range(10)]

assert refused("NotFound", sns.publish, TopicArn=topic + "x", Message="x") == "Topic does not exist"
assert refused("InvalidParameter", sns.publish, TopicArn=topic, Message="") == "Invalid parameter: Empty message"
refused("ParameterValueInvalid", sns.publish, TopicArn=topic, Message="x", MessageAttributes={"a": {"DataType": "X", "StringValue": "x"}})

fifo = sns.create_topic(Name="t.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
ordered = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
arn = "arn:aws:sqs:eu-west-1:123456789012:q.fifo"
sns.subscribe(TopicArn=fifo, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
numbers = [sns.publish(TopicArn=fifo, Message=f"{i % 4}", MessageGroupId="g")["SequenceNumber"] for i in range(5)]
assert numbers[0] == numbers[4] and len(set(numbers)) == 4, numbers
assert received(ordered) == ["0", "1", "2", "3"]

for page in sns.get_paginator("list_subscriptions").paginate():
    for each in page["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
sns.delete_topic(TopicArn=topic)
refused("NotFound", sns.get_topic_attributes, TopicArn=topic)
print("all good")
