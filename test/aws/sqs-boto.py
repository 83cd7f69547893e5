"""What SQS's Python clients see of a broker: old ones speak Query, new ones JSON. Arguments: the broker's URL. Prints what it checked."""
import hashlib
import json
import sys
import threading
import time

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

url = sys.argv[1]
old = tuple(int(part) for part in botocore.__version__.split(".")[:2]) < (1, 31)
sqs = boto3.client(
    "sqs",
    endpoint_url=url,
    region_name="eu-west-1",
    aws_access_key_id="123456789012",
    aws_secret_access_key="x",
    config=Config(retries={"max_attempts": 1}),
)
missing_queue = "AWS.SimpleQueueService.NonExistentQueue"


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


def texts(received):
    return [message["Body"] for message in received.get("Messages", [])]


# Queues, URLs, attributes, tags
queue = sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "5"}, tags={"team": "mills"})["QueueUrl"]
check("the URL is where the client reached it", queue == f"{url}/123456789012/orders", queue)
check("again", sqs.create_queue(QueueName="orders", Attributes={"VisibilityTimeout": "5"})["QueueUrl"] == queue)
text = refused("QueueAlreadyExists", sqs.create_queue, QueueName="orders", Attributes={"VisibilityTimeout": "6"})
check("names the attribute", text.endswith("different value for attribute VisibilityTimeout"), text)
check("url", sqs.get_queue_url(QueueName="orders")["QueueUrl"] == queue)
text = refused(missing_queue, sqs.get_queue_url, QueueName="nowhere")
check("wording", text == "The specified queue does not exist" + (" for this wsdl version." if old else "."), text)
try:
    sqs.get_queue_url(QueueName="nowhere")
except sqs.exceptions.QueueDoesNotExist:
    pass
check("none is absent", "QueueUrls" not in sqs.list_queues(QueueNamePrefix="zzz"))
for i in range(5):
    sqs.create_queue(QueueName=f"page-{i}")
page = sqs.list_queues(QueueNamePrefix="page-", MaxResults=3)
rest = sqs.list_queues(QueueNamePrefix="page-", MaxResults=3, NextToken=page["NextToken"])
check("pages", len(page["QueueUrls"]) == 3 and len(rest["QueueUrls"]) == 2 and "NextToken" not in rest)
attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
check("arn", attributes["QueueArn"] == "arn:aws:sqs:eu-west-1:123456789012:orders", attributes)
check("defaults", attributes["MaximumMessageSize"] == "1048576" and attributes["MessageRetentionPeriod"] == "345600")
check("no names, nothing", "Attributes" not in sqs.get_queue_attributes(QueueUrl=queue))
refused("InvalidAttributeName", sqs.get_queue_attributes, QueueUrl=queue, AttributeNames=["Foo"])
sqs.set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "0", "Policy": '{"Version":"2012-10-17"}'})
attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy", "VisibilityTimeout"])["Attributes"]
check("chosen", attributes == {"Policy": '{"Version":"2012-10-17"}', "VisibilityTimeout": "5"}, attributes)
sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
refused("InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=queue, Attributes={"DelaySeconds": "901"})
refused("InvalidAttributeName", sqs.create_queue, QueueName="x", Attributes={"FifoQueue": "false"})
refused("InvalidParameterValue", sqs.create_queue, QueueName="no spaces")
refused("InvalidParameterValue", sqs.create_queue, QueueName="x.fifo")
sqs.tag_queue(QueueUrl=queue, Tags={"a": "1"})
sqs.untag_queue(QueueUrl=queue, TagKeys=["team"])
check("tags", sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"a": "1"})
sqs.add_permission(QueueUrl=queue, Label="l", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
policy = json.loads(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"])
check("policy", policy["Statement"][0]["Action"] == "SQS:SendMessage", policy)
sqs.remove_permission(QueueUrl=queue, Label="l")
refused("InvalidParameterValue", sqs.remove_permission, QueueUrl=queue, Label="l")

# Messages
body = "h\u00e9llo <&> \U0001f600 \r\n\t]]>"
sent = sqs.send_message(
    QueueUrl=queue,
    MessageBody=body,
    MessageAttributes={
        "attr1": {"DataType": "Number", "StringValue": "99.12"},
        "blob.x": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    },
    MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}},
)
check("md5", sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest())
check("system md5", "MD5OfMessageSystemAttributes" in sent)
received = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"], MessageAttributeNames=["attr1"])["Messages"][0]
check("body", received["Body"] == body, received["Body"])
check("md5 of the subset", received["MD5OfMessageAttributes"] == "d302007e9aa062660afc85fd0a482472", received)
check("subset", list(received["MessageAttributes"]) == ["attr1"])
check("counts", received["Attributes"]["ApproximateReceiveCount"] == "1")
check("trace", received["Attributes"]["AWSTraceHeader"] == "Root=1-2-3")
sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"], VisibilityTimeout=0)
again = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["blob.*"])["Messages"][0]
check("bytes", again["MessageAttributes"]["blob.x"]["BinaryValue"] == b"\x00\xff", again)
check("no attributes unasked", "Attributes" not in again)
check("a new handle", again["ReceiptHandle"] != received["ReceiptHandle"])
sqs.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])
text = refused(
    "InvalidParameterValue",
    sqs.change_message_visibility,
    QueueUrl=queue,
    ReceiptHandle=again["ReceiptHandle"],
    VisibilityTimeout=1,
)
check("wording", text.endswith("Message does not exist or is not available for visibility timeout change."), text)
check("empty", "Messages" not in sqs.receive_message(QueueUrl=queue))
for wrong, code in [
    ({"MaxNumberOfMessages": 11}, "InvalidParameterValue"),
    ({"WaitTimeSeconds": 21}, "InvalidParameterValue"),
    ({"WaitTimeSeconds": -1}, "InvalidParameterValue"),
    ({"VisibilityTimeout": 43201}, "InvalidParameterValue"),
]:
    refused(code, sqs.receive_message, QueueUrl=queue, **wrong)
text = refused("InvalidParameterValue", sqs.receive_message, QueueUrl=queue, MaxNumberOfMessages=11)
check(
    "wording",
    text == "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
    text,
)
text = refused("InvalidParameterValue", sqs.send_message, QueueUrl=queue, MessageBody="x" * 1048577)
check("wording", text.endswith("Reason: Message must be shorter than 1048576 bytes."), text)
text = refused("MissingParameter", sqs.send_message, QueueUrl=queue, MessageBody="")
check("wording", text == "The request must contain the parameter MessageBody.", text)
refused("InvalidMessageContents", sqs.send_message, QueueUrl=queue, MessageBody="\x01")
refused("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=queue, ReceiptHandle="nonsense")
refused(missing_queue, sqs.send_message, QueueUrl=f"{url}/123456789012/nowhere", MessageBody="x")

# Long polls
def later():
    time.sleep(0.3)
    sqs.send_message(QueueUrl=queue, MessageBody="late")


threading.Thread(target=later).start()
# One that did not wake would come back without anything.
check("wakes", texts(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)) == ["late"])
sqs.purge_queue(QueueUrl=queue)

# Batches
entries = [{"Id": f"m{i}", "MessageBody": f"{i}"} for i in range(10)]
entries[3]["DelaySeconds"] = 901
answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
check("nine", len(answer["Successful"]) == 9)
check("one failed", answer["Failed"][0]["Id"] == "m3" and answer["Failed"][0]["SenderFault"], answer["Failed"])
messages = []
while len(messages) < 9:
    messages += sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
handles = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages)]
changed = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=[{**h, "VisibilityTimeout": 60} for h in handles])
check("changed", len(changed["Successful"]) == 9)
deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=handles + [{"Id": "bad", "ReceiptHandle": "x"}])
check("deleted", len(deleted["Successful"]) == 9 and deleted["Failed"][0]["Code"] == "ReceiptHandleIsInvalid", deleted)
batch = "AWS.SimpleQueueService."
refused(batch + "EmptyBatchRequest", sqs.send_message_batch, QueueUrl=queue, Entries=[])
same = [{"Id": "a", "MessageBody": "1"}, {"Id": "a", "MessageBody": "2"}]
refused(batch + "BatchEntryIdsNotDistinct", sqs.send_message_batch, QueueUrl=queue, Entries=same)
refused(batch + "InvalidBatchEntryId", sqs.send_message_batch, QueueUrl=queue, Entries=[{"Id": "!", "MessageBody": "1"}])
many = [{"Id": f"{i}", "MessageBody": "1"} for i in range(20)]
text = refused(batch + "TooManyEntriesInBatchRequest", sqs.send_message_batch, QueueUrl=queue, Entries=many)
check("wording", text == "Maximum number of entries per request are 10. You have sent 20.", text)
long = [{"Id": "1", "MessageBody": "x" * 1048576}, {"Id": "2", "MessageBody": "x"}]
text = refused(batch + "BatchRequestTooLong", sqs.send_message_batch, QueueUrl=queue, Entries=long)
check("wording", text.endswith("longer than 1048576 bytes. You have sent 1048577 bytes."), text)
check("nothing was stored", texts(sqs.receive_message(QueueUrl=queue)) == [])

# FIFO
fifo = sqs.create_queue(QueueName="f.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
for group, text in [("g1", "m1"), ("g2", "m1"), ("g1", "m2"), ("g1", "m3")]:
    sqs.send_message(QueueUrl=fifo, MessageBody=text, MessageGroupId=group, MessageDeduplicationId=group + text)
got = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
order = [(m["Attributes"]["MessageGroupId"], m["Body"]) for m in got]
check("order", order == [("g1", "m1"), ("g1", "m2"), ("g1", "m3"), ("g2", "m1")], order)
numbers = [m["Attributes"]["SequenceNumber"] for m in got]
check("numbers", all(len(n) == 20 for n in numbers) and numbers[:3] == sorted(numbers[:3]), numbers)
one = sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d")
two = sqs.send_message(QueueUrl=fifo, MessageBody="y", MessageGroupId="g", MessageDeduplicationId="d")
check("once", one["MessageId"] == two["MessageId"] and one["SequenceNumber"] == two["SequenceNumber"])
check("md5 of what was sent now", two["MD5OfMessageBody"] == hashlib.md5(b"y").hexdigest())
text = refused("MissingParameter", sqs.send_message, QueueUrl=fifo, MessageBody="x", MessageDeduplicationId="z")
check("wording", text == "The request must contain the parameter MessageGroupId.", text)
refused("InvalidParameterValue", sqs.send_message, QueueUrl=fifo, MessageBody="x", MessageGroupId="g")
wrong = {"MessageGroupId": "g", "MessageDeduplicationId": "q", "DelaySeconds": 2}
text = refused("InvalidParameterValue", sqs.send_message, QueueUrl=fifo, MessageBody="x", **wrong)
expected = "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type."
check("wording", text == expected, text)
refused("InvalidAttributeName", sqs.create_queue, QueueName="y", Attributes={"DeduplicationScope": "queue"})

# Dead letters
dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
dead_arn = "arn:aws:sqs:eu-west-1:123456789012:dead"
redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "1"})
source = sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
check("sources", sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [source])
nowhere = json.dumps({"deadLetterTargetArn": dead_arn + "x", "maxReceiveCount": 1})
refused("InvalidParameterValue", sqs.set_queue_attributes, QueueUrl=source, Attributes={"RedrivePolicy": nowhere})
sent = sqs.send_message(QueueUrl=source, MessageBody="poison")
sqs.receive_message(QueueUrl=source, VisibilityTimeout=0)
check("moved", "Messages" not in sqs.receive_message(QueueUrl=source))
buried = sqs.receive_message(QueueUrl=dead, AttributeNames=["All"], VisibilityTimeout=0)["Messages"][0]
check("the same message", buried["MessageId"] == sent["MessageId"])
check("from there", buried["Attributes"]["DeadLetterQueueSourceArn"].endswith(":source"), buried)
if not old:
    task = sqs.start_message_move_task(SourceArn=dead_arn)
    while sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"][0]["Status"] == "RUNNING":
        time.sleep(0.05)
    done = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"][0]
    check("moved back", done["Status"] == "COMPLETED" and done["ApproximateNumberOfMessagesMoved"] == 1, done)
    check("there it is", texts(sqs.receive_message(QueueUrl=source)) == ["poison"])
    refused("ResourceNotFoundException", sqs.cancel_message_move_task, TaskHandle=task["TaskHandle"])
    refused("ResourceNotFoundException", sqs.start_message_move_task, SourceArn=dead_arn + "x")

sqs.delete_queue(QueueUrl=queue)
refused(missing_queue, sqs.delete_queue, QueueUrl=queue)
print(f"all good with botocore {botocore.__version__}, {'Query' if old else 'JSON'}")
