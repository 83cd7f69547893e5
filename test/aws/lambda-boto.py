"""Functions by boto3: made from a zip, invoked, streamed, called at their own address, and triggered by a stream with tumbling windows.

Usage: lambda-boto.py URL. Exits 0 when all is as with AWS.
"""

import io
import json
import sys
import time
import urllib.error
import urllib.request
import zipfile

import boto3

URL = sys.argv[1]
ROLE = "arn:aws:iam::000000000000:role/any"


def client(service):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def equal(got, expected, what):
    assert got == expected, f"{what}: expected {expected!r} and got {got!r}"


def archive(code):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("index.mjs", code)
    return buffer.getvalue()


aws = client("lambda")


def create(name, code):
    aws.create_function(
        FunctionName=name, Runtime="nodejs20.x", Handler="index.handler", Role=ROLE, Code={"ZipFile": archive(code)}
    )
    aws.get_waiter("function_active").wait(FunctionName=name)


def invocations():
    create("echo", "export const handler = async (event) => { if (event.fail) throw new Error('no'); return event }")
    answer = aws.invoke(FunctionName="echo", Payload=json.dumps({"a": [1, "é"]}))
    equal(json.load(answer["Payload"]), {"a": [1, "é"]}, "an answer")
    failed = aws.invoke(FunctionName="echo", Payload=b'{"fail": true}', LogType="Tail")
    equal(failed["FunctionError"], "Unhandled", "an error")
    equal(json.load(failed["Payload"])["errorMessage"], "no", "its message")
    equal(aws.invoke(FunctionName="echo", InvocationType="Event", Payload=b"{}")["StatusCode"], 202, "an event")
    try:
        aws.invoke(FunctionName="none")
        raise AssertionError("a function that is not there was invoked")
    except aws.exceptions.ResourceNotFoundException as error:
        assert "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none" in str(error), error


def streams():
    if not hasattr(aws, "invoke_with_response_stream"):
        print("this botocore knows no response streams")
        return
    create(
        "streams",
        "export const handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('one '); stream.end('two') })",
    )
    events = list(aws.invoke_with_response_stream(FunctionName="streams")["EventStream"])
    pieces = [event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event]
    equal(b"".join(pieces), b"one two", "a streamed answer")
    assert "InvokeComplete" in events[-1], events


def addresses():
    config = aws.create_function_url_config(FunctionName="echo", AuthType="NONE", Cors={"AllowOrigins": ["*"]})
    request = urllib.request.Request(
        config["FunctionUrl"] + "some/path?a=b", data=b"{}", headers={"origin": "http://example.com"}
    )
    with urllib.request.urlopen(request) as answer:
        event = json.load(answer)
        equal(answer.headers["access-control-allow-origin"], "*", "CORS")
    equal((event["rawPath"], event["queryStringParameters"]), ("/some/path", {"a": "b"}), "an event of an address")
    aws.update_function_url_config(FunctionName="echo", AuthType="AWS_IAM")
    try:
        urllib.request.urlopen(config["FunctionUrl"])
        raise AssertionError("an address that wants a signature was called without one")
    except urllib.error.HTTPError as error:
        equal(error.code, 403, "without a signature")
    equal(len(aws.list_function_url_configs(FunctionName="echo")["FunctionUrlConfigs"]), 1, "addresses")
    aws.delete_function_url_config(FunctionName="echo")


def windows():
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=1)
    create(
        "sums",
        """export const handler = async ({ Records, state, isFinalInvokeForWindow }) => {
          if (isFinalInvokeForWindow) return console.log('sum ' + state.sum)
          return { state: { sum: Records.reduce((sum, { kinesis }) => sum + Number(atob(kinesis.data)), state.sum ?? 0) } }
        }""",
    )
    records = [{"Data": str(number).encode(), "PartitionKey": "k"} for number in range(10)]
    kinesis.put_records(StreamName="orders", Records=records)
    mapping = aws.create_event_source_mapping(
        EventSourceArn="arn:aws:kinesis:us-east-1:000000000000:stream/orders",
        FunctionName="sums",
        StartingPosition="TRIM_HORIZON",
        BatchSize=4,
        TumblingWindowInSeconds=900,
    )
    equal(mapping["TumblingWindowInSeconds"], 900, "a window")
    try:
        aws.update_event_source_mapping(UUID=mapping["UUID"], ParallelizationFactor=2)
        raise AssertionError("several batches at once shared one state")
    except aws.exceptions.InvalidParameterValueException:
        pass
    # The end of its shard ends a window.
    kinesis.split_shard(StreamName="orders", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    for _ in range(200):
        with urllib.request.urlopen(URL + "/v1/functions/sums/logs") as answer:
            lines = [line["text"] for line in json.load(answer)["lines"]]
        if any("sum " in line for line in lines):
            break
        time.sleep(0.05)
    assert any("sum 45" in line for line in lines), lines
    aws.delete_event_source_mapping(UUID=mapping["UUID"])


for part in (invocations, streams, addresses, windows):
    part()
    print(f"{part.__name__}: as with AWS")
print("all good")
