import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { queueArn, snsError, until, withSns } from './sns-harness.ts'

const test = suite('SNS')
const text = (value: string) => ({ DataType: 'String', StringValue: value })

test(
  'a message reaches three queues by their filters, raw and in envelopes',
  withSns(async ({ sns, topic, queue, bodies }) => {
    const TopicArn = await topic('orders')
    const raw = await queue('raw', TopicArn, { RawMessageDelivery: 'true' })
    const large = await queue('large', TopicArn, {
      FilterPolicy: '{"total": [{"numeric": [">", 100]}], "kind": ["order", {"prefix": "re"}]}',
    })
    const deep = await queue('deep', TopicArn, {
      FilterPolicy: '{"user": {"city": ["Bern"]}}',
      FilterPolicyScope: 'MessageBody',
      RawMessageDelivery: 'true',
    })
    const total = (value: number) => ({ DataType: 'Number', StringValue: `${value}` })
    const publish = (Message: string, MessageAttributes = {}) =>
      sns.send(new PublishCommand({ TopicArn, Message, Subject: 'an order', MessageAttributes }))
    const { MessageId } = await publish('one', { total: total(150), kind: text('order') })
    await publish('two', { total: total(50), kind: text('order') })
    await publish('{"user": {"city": "Bern"}}', { total: total(200), kind: text('return') })
    assert.equal((await bodies(raw)).sort(), ['one', 'two', '{"user": {"city": "Bern"}}'])
    assert.equal(await bodies(deep), ['{"user": {"city": "Bern"}}'])
    const envelopes = (await bodies(large)).map((body) => JSON.parse(body))
    assert.equal(
      envelopes.map(({ Message }) => Message),
      ['one', '{"user": {"city": "Bern"}}'],
    )
    const [first] = envelopes
    assert.is(first.MessageId, MessageId)
    assert.equal(
      [first.Type, first.TopicArn, first.Subject, first.SignatureVersion],
      ['Notification', TopicArn, 'an order', '1'],
    )
    assert.equal(first.MessageAttributes, {
      total: { Type: 'Number', Value: '150' },
      kind: { Type: 'String', Value: 'order' },
    })
    assert.match(first.SigningCertURL, /^http:\/\/127\.0\.0\.1:\d+\/SimpleNotificationService\/[0-9a-f]{32}\.pem$/)
    assert.match(first.UnsubscribeURL, /Action=Unsubscribe/)
  }),
)

test(
  'raw messages carry their attributes and trace; more than ten go to the dead letter queue',
  withSns(async ({ sns, sqs, topic, queue, bodies }) => {
    const TopicArn = await topic('t')
    const failedTopic = await topic('other')
    const failed = await queue('failed', failedTopic)
    const url = await queue('q', TopicArn, {
      RawMessageDelivery: 'true',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('failed') }),
    })
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, text('x')]))
    await sns.send(new PublishCommand({ TopicArn, Message: 'many', MessageAttributes: many }))
    await sns.send(new PublishCommand({ TopicArn, Message: 'few', MessageAttributes: { a: text('b') } }))
    assert.equal(await bodies(failed), ['many'])
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 }),
    )
    assert.equal(
      Messages.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.['a']?.StringValue]),
      [['few', 'b']],
    )
  }),
)

test(
  'MessageStructure json gives each protocol its own text',
  withSns(async ({ sns, topic, queue, bodies }) => {
    const TopicArn = await topic('t')
    const url = await queue('q', TopicArn, { RawMessageDelivery: 'true' })
    const publish = (message: object) =>
      sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(message), MessageStructure: 'json' }))
    await publish({ default: 'for all', sqs: 'for queues' })
    await publish({ default: 'for all', http: 'for endpoints' })
    assert.equal(await bodies(url), ['for queues', 'for all'])
    assert.match((await snsError(publish({ sqs: 'x' }))).message, 'No default entry in JSON message body')
  }),
)

test(
  'a batch publishes what it can, and says of each entry what became of it',
  withSns(async ({ sns, topic, queue, bodies }) => {
    const TopicArn = await topic('t')
    const url = await queue('q', TopicArn, { RawMessageDelivery: 'true' })
    const { Successful = [], Failed = [] } = await sns.send(
      new PublishBatchCommand({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: 'a', Message: 'one', MessageAttributes: { k: text('v') } },
          { Id: 'b', Message: '' },
          { Id: 'c', Message: 'three' },
        ],
      }),
    )
    assert.equal(
      Successful.map(({ Id }) => Id),
      ['a', 'c'],
    )
    assert.equal(
      Failed.map(({ Id, Code, Message, SenderFault }) => [Id, Code, Message, SenderFault]),
      [['b', 'InvalidParameter', 'Invalid parameter: Empty message', true]],
    )
    assert.equal(await bodies(url), ['one', 'three'])
    const batch = (PublishBatchRequestEntries: { Id: string; Message: string }[]) =>
      snsError(sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })))
    const entry = (Id: string) => ({ Id, Message: 'x' })
    const codes = [
      await batch([]),
      await batch(Array.from({ length: 11 }, (_, i) => entry(`${i}`))),
      await batch([entry('a'), entry('a')]),
      await batch([entry('a b')]),
    ].map(({ name }) => name.replace(/Exception$/, ''))
    assert.equal(codes, [
      'EmptyBatchRequest',
      'TooManyEntriesInBatchRequest',
      'BatchEntryIdsNotDistinct',
      'InvalidBatchEntryId',
    ])
  }),
)

test(
  'FIFO: groups stay in order, duplicates are published once, and ids reach the queue',
  withSns(async ({ sns, sqs, topic, queue }) => {
    const TopicArn = await topic('t.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' })
    const url = await queue('q.fifo', TopicArn, { RawMessageDelivery: 'true' })
    const publish = (Message: string, id?: string) =>
      sns.send(
        new PublishCommand({ TopicArn, Message, MessageGroupId: 'g', ...(id ? { MessageDeduplicationId: id } : {}) }),
      )
    const sent = await Promise.all(Array.from({ length: 20 }, (_, i) => publish(`${i}`, `id ${i}`.replace(' ', ''))))
    const again = await publish('0', 'id0')
    assert.equal([again.MessageId, again.SequenceNumber], [sent[0]?.MessageId, sent[0]?.SequenceNumber])
    const numbers = sent.map(({ SequenceNumber = '' }) => SequenceNumber)
    assert.is(new Set(numbers).size, 20)
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, AttributeNames: ['All'] }),
    )
    const got = (received.Messages ?? []).map(({ Body = '' }) => Body)
    assert.equal(received.Messages?.[0]?.Attributes?.['MessageGroupId'], 'g')
    const order = [...numbers.keys()].sort((a, b) => ((numbers[a] as string) < (numbers[b] as string) ? -1 : 1))
    // What a receive gives out of one group is the beginning of what was published, in its order.
    assert.equal(
      got,
      order.slice(0, 10).map((i) => `${i}`),
    )
    assert.match(
      (await snsError(sns.send(new PublishCommand({ TopicArn, Message: 'x' })))).message,
      'The MessageGroupId parameter is required for FIFO topics',
    )
  }),
)

test(
  'a FIFO archive is delivered again to who asks for it; without one nobody can ask',
  withSns(async ({ sns, topic, queue, subscribe, bodies }) => {
    const TopicArn = await topic('t.fifo', { FifoTopic: 'true', ArchivePolicy: '{"MessageRetentionPeriod":"1"}' })
    const url = await queue('q.fifo', TopicArn, { RawMessageDelivery: 'true' })
    const SubscriptionArn = await subscribe(TopicArn, 'sqs', queueArn('q.fifo'))
    for (const i of [1, 2, 3]) {
      const order = { MessageGroupId: 'g', MessageDeduplicationId: `${i}` }
      await sns.send(new PublishCommand({ TopicArn, Message: `${i}`, ...order }))
    }
    assert.equal(await bodies(url), ['1', '2', '3'])
    const policy = { PointType: 'Timestamp', StartingPoint: new Date(Date.now() - 60_000).toISOString() }
    const AttributeValue = JSON.stringify(policy)
    const set = (arn: string, value: string) =>
      sns.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn: arn,
          AttributeName: 'ReplayPolicy',
          AttributeValue: value,
        }),
      )
    await set(SubscriptionArn, AttributeValue)
    const status = async () =>
      (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes ?? {}
    await until(async () => (await status())['ReplayStatus'] === 'Completed')
    assert.is((await status())['ReplayPolicy'], AttributeValue)
    assert.equal(await bodies(url), ['1', '2', '3'])
    assert.match((await snsError(set(SubscriptionArn, '{}x'))).message, 'ReplayPolicy')
    const plain = await topic('plain.fifo', { FifoTopic: 'true' })
    await queue('p.fifo', plain)
    const other = await subscribe(plain, 'sqs', queueArn('p.fifo'))
    assert.match((await snsError(set(other, AttributeValue))).message, 'The topic has no ArchivePolicy')
  }),
)

test(
  'topics and subscriptions are listed, described, changed, tagged and deleted',
  withSns(async ({ sns, topic, queue, subscribe }) => {
    const TopicArn = await topic('t', { DisplayName: 'T' })
    assert.is(await topic('t', { DisplayName: 'T' }), TopicArn)
    const other = await snsError(topic('t', { DisplayName: 'U' }))
    assert.match(other.message, 'Topic already exists with different attributes')
    const names = Array.from({ length: 105 }, (_, i) => `n${String(i).padStart(3, '0')}`)
    for (const name of names) await topic(name)
    const first = await sns.send(new ListTopicsCommand({}))
    const { NextToken } = first
    const second = await sns.send(new ListTopicsCommand({ NextToken }))
    assert.equal([first.Topics?.length, second.Topics?.length], [100, 6])
    await queue('q', TopicArn)
    const again = await subscribe(TopicArn, 'sqs', queueArn('q'))
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
    assert.equal(
      Subscriptions.map(({ Protocol, Endpoint, SubscriptionArn }) => [Protocol, Endpoint, SubscriptionArn]),
      [['sqs', queueArn('q'), again]],
    )
    assert.is((await sns.send(new ListSubscriptionsCommand({}))).Subscriptions?.length, 1)
    const set = (AttributeName: string, AttributeValue: string) =>
      sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn: again, AttributeName, AttributeValue }))
    await set('RawMessageDelivery', 'true')
    await set('FilterPolicy', '{"a": ["b"]}')
    const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: again }))
    assert.equal(
      [Attributes['RawMessageDelivery'], Attributes['FilterPolicy'], Attributes['FilterPolicyScope']],
      ['true', '{"a": ["b"]}', 'MessageAttributes'],
    )
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'SignatureVersion', AttributeValue: '2' }))
    const described = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
    assert.equal(
      [
        described.Attributes?.['DisplayName'],
        described.Attributes?.['SignatureVersion'],
        described.Attributes?.['SubscriptionsConfirmed'],
      ],
      ['T', '2', '1'],
    )
    await sns.send(
      new TagResourceCommand({
        ResourceArn: TopicArn,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    )
    await sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ['a'] }))
    assert.equal((await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags, [
      { Key: 'b', Value: '2' },
    ])
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: again }))
    await sns.send(new DeleteTopicCommand({ TopicArn }))
    await sns.send(new DeleteTopicCommand({ TopicArn }))
    const gone = await snsError(sns.send(new GetTopicAttributesCommand({ TopicArn })))
    assert.equal(
      [gone.name, gone.message, gone.$metadata.httpStatusCode],
      ['NotFoundException', 'Topic does not exist', 404],
    )
  }),
)

test(
  'bad input is refused in the words of AWS',
  withSns(async ({ sns, topic, subscribe }) => {
    const TopicArn = await topic('t')
    const publish = (input: object) => snsError(sns.send(new PublishCommand({ TopicArn, Message: 'x', ...input })))
    const refused = [
      await snsError(sns.send(new CreateTopicCommand({ Name: 'a b' }))),
      await publish({ TopicArn: 'orders' }),
      await publish({ TopicArn: `${TopicArn}x` }),
      await publish({ Message: '' }),
      await publish({ Message: 'x'.repeat(256 * 1024 + 1) }),
      await publish({ Subject: 'a\nb' }),
      await publish({ MessageAttributes: { a: { DataType: 'String', StringValue: '' } } }),
      await publish({ MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } }),
      await publish({ MessageDeduplicationId: 'x' }),
      await snsError(subscribe(TopicArn, 'pigeon', 'x')),
      await snsError(subscribe(TopicArn, 'sqs', 'x')),
      await snsError(subscribe(TopicArn, 'https', 'http://a.example')),
      await snsError(subscribe(TopicArn, 'sqs', queueArn('q.fifo'))),
      await snsError(subscribe(TopicArn, 'sqs', queueArn('q'), { FilterPolicy: '{' })),
      await snsError(
        subscribe(TopicArn, 'sqs', queueArn('q'), {
          FilterPolicy: '{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}',
        }),
      ),
      await snsError(
        sns.send(
          new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('q'), Attributes: { Nope: '1' } }),
        ),
      ),
    ]
    assert.equal(
      refused.map(({ name, message }) => `${name}: ${message}`.slice(0, 110)),
      [
        'InvalidParameterException: Invalid parameter: Topic Name',
        'InvalidParameterException: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
        'NotFoundException: Topic does not exist',
        'InvalidParameterException: Invalid parameter: Empty message',
        'InvalidParameterException: Invalid parameter: Message too long',
        'InvalidParameterException: Invalid parameter: Subject',
        "InvalidParameterValueException: The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.".slice(
          0,
          110,
        ),
        "InvalidParameterValueException: The message attribute 'a' has an invalid message attribute type, the set of supported type".slice(
          0,
          110,
        ),
        'InvalidParameterException: Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId'.slice(
          0,
          110,
        ),
        'InvalidParameterException: Invalid parameter: Amazon SNS does not support this protocol string: pigeon',
        'InvalidParameterException: Invalid parameter: SQS endpoint ARN',
        'InvalidParameterException: Invalid parameter: Endpoint must match the specified protocol',
        'InvalidParameterException: Invalid parameter: Invalid parameter: Endpoint Reason: Please use FIFO SNS topic',
        "InvalidParameterException: Invalid parameter: Attributes Reason: FilterPolicy: Expected property name or '}' in JSON".slice(
          0,
          110,
        ),
        'InvalidParameterException: Invalid parameter: Attributes Reason: FilterPolicy: Filter policy can not have more than 5 keys'.slice(
          0,
          110,
        ),
        'InvalidParameterException: Invalid parameter: AttributeName',
      ],
    )
  }),
)

test.run()
