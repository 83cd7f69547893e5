# Kinesis through boto3: argument 1 is the broker's URL. Prints one line a part that went as it should.
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url = sys.argv[1]
session = boto3.session.Session(aws_access_key_id='123456789012', aws_secret_access_key='x', region_name='us-west-2')
kinesis = session.client('kinesis', endpoint_url=url, config=Config(retries={'max_attempts': 0}))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response['Error']['Code'] == code, error
        return error.response['Error']['Message']
    raise AssertionError(f'{code} was expected')


def control():
    kinesis.create_stream(StreamName='boto', ShardCount=2, Tags={'a': 'b'})
    kinesis.get_waiter('stream_exists').wait(StreamName='boto')
    told = kinesis.describe_stream(StreamName='boto')['StreamDescription']
    assert told['StreamARN'] == 'arn:aws:kinesis:us-west-2:123456789012:stream/boto'
    assert [shard['ShardId'] for shard in told['Shards']] == ['shardId-000000000000', 'shardId-000000000001']
    assert kinesis.list_tags_for_stream(StreamName='boto')['Tags'] == [{'Key': 'a', 'Value': 'b'}]
    assert 'boto' in kinesis.list_streams()['StreamNames']
    pages = kinesis.get_paginator('list_shards').paginate(StreamName='boto', PaginationConfig={'PageSize': 1})
    assert sum(len(page['Shards']) for page in pages) == 2
    message = refused('ResourceNotFoundException', kinesis.describe_stream, StreamName='none')
    assert message == 'Stream none under account 123456789012 not found.', message
    refused('ResourceInUseException', kinesis.create_stream, StreamName='boto', ShardCount=1)
    refused('ValidationException', kinesis.put_records, StreamName='boto', Records=[{'Data': b'x', 'PartitionKey': 'k'}] * 501)


def data():
    put = kinesis.put_record(StreamName='boto', PartitionKey='k', ExplicitHashKey='0', Data=b'\x00\xffone')
    many = [{'PartitionKey': 'k', 'ExplicitHashKey': '0', 'Data': bytes([i]) * 2000} for i in range(200)]
    answer = kinesis.put_records(StreamName='boto', Records=many)
    assert answer['FailedRecordCount'] == 0
    iterator = kinesis.get_shard_iterator(StreamName='boto', ShardId=put['ShardId'], ShardIteratorType='TRIM_HORIZON')
    page = kinesis.get_records(ShardIterator=iterator['ShardIterator'])
    assert [record['Data'] for record in page['Records']] == [b'\x00\xffone'] + [each['Data'] for each in many]
    assert page['Records'][0]['SequenceNumber'] == put['SequenceNumber']
    assert abs(page['Records'][0]['ApproximateArrivalTimestamp'].timestamp() - time.time()) < 60
    numbers = [int(record['SequenceNumber']) for record in page['Records']]
    assert numbers == sorted(set(numbers))
    again = kinesis.get_shard_iterator(
        StreamName='boto',
        ShardId=put['ShardId'],
        ShardIteratorType='AT_TIMESTAMP',
        Timestamp=page['Records'][0]['ApproximateArrivalTimestamp'],
    )
    assert len(kinesis.get_records(ShardIterator=again['ShardIterator'], Limit=3)['Records']) == 3
    message = refused('InvalidArgumentException', kinesis.get_records, ShardIterator='x')
    assert message == 'Invalid ShardIterator.', message


def fan_out():
    stream = kinesis.describe_stream_summary(StreamName='boto')['StreamDescriptionSummary']['StreamARN']
    consumer = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName='boto')['Consumer']
    start = time.monotonic()
    subscription = kinesis.subscribe_to_shard(
        ConsumerARN=consumer['ConsumerARN'],
        ShardId='shardId-000000000001',
        StartingPosition={'Type': 'LATEST'},
    )
    assert time.monotonic() - start < 4, 'it succeeds before the first event'
    events = iter(subscription['EventStream'])
    for text in (b'first', b'second'):
        kinesis.put_record(StreamName='boto', PartitionKey='k', ExplicitHashKey=str(2**128 - 1), Data=text)
        event = next(events)['SubscribeToShardEvent']
        assert [record['Data'] for record in event['Records']] == [text]
        assert event['MillisBehindLatest'] == 0
    kinesis.split_shard(StreamName='boto', ShardToSplit='shardId-000000000001', NewStartingHashKey=str(3 * 2**126))
    last = next(events)['SubscribeToShardEvent']
    assert [child['ShardId'] for child in last['ChildShards']] == ['shardId-000000000002', 'shardId-000000000003']
    assert next(events, None) is None
    refused(
        'ResourceInUseException',
        kinesis.subscribe_to_shard,
        ConsumerARN=consumer['ConsumerARN'],
        ShardId='shardId-000000000001',
        StartingPosition={'Type': 'LATEST'},
    )


for part in (control, data, fan_out):
    part()
    print(part.__name__.replace('_', ' '))
