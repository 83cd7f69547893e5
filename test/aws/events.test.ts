import * as sdk from '@aws-sdk/client-eventbridge'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import {
  busArn,
  functionArn,
  order,
  put,
  queueArn,
  rule,
  streamArn,
  taken,
  until,
  withEvents,
} from './events-harness.ts'
import { refusal } from './lambda-harness.ts'

const test = suite('EventBridge by the AWS SDK')

const orders = { source: ['shop'], detail: { total: [{ numeric: ['>', 10] }] } }

test('an event reaches the queue, the stream and the function of a rule that matches, and no other', () =>
  withEvents(async ({ events, main, faults }) => {
    const { queues, streams } = main.broker
    await queues.create('big')
    await queues.create('other')
    await streams.create('all')
    const seen: unknown[] = []
    await main.handle('f', (event) => seen.push(event))
    await rule(events, 'big', orders, [
      { Id: 'q', Arn: queueArn('big') },
      { Id: 's', Arn: streamArn('all'), KinesisParameters: { PartitionKeyPath: '$.detail.id' } },
      { Id: 'f', Arn: functionArn('f') },
    ])
    await rule(events, 'other', { source: ['elsewhere'] }, [{ Id: 'q', Arn: queueArn('other') }])
    const time = new Date('2026-03-01T10:20:30.900Z')
    const [id] = await put(
      events,
      order({ id: 'o-1', total: 11 }, { Time: time, Resources: ['arn:x'] }),
      order({ total: 9 }),
    )
    const event = {
      ...{ version: '0', id, 'detail-type': 'order', source: 'shop', account: '000000000000' },
      ...{ time: '2026-03-01T10:20:30Z', region: 'us-east-1', resources: ['arn:x'], detail: { id: 'o-1', total: 11 } },
    }
    assert.equal(
      (await taken(main, 'big')).map((body) => JSON.parse(body)),
      [event],
    )
    assert.equal(await taken(main, 'other'), [])
    const { records } = await streams.get('all').read(0, 'horizon', { recordsMax: 9, bytesMax: 99_999 })
    assert.equal(
      records.map(({ key, data }) => [key, JSON.parse(Buffer.from(data).toString())]),
      [['"o-1"', event]],
    )
    await until(() => seen.length > 0)
    assert.equal(seen, [event])
    assert.equal(faults, [])
  }))

test('a detail arrives as it was written, numbers that no double holds included', () =>
  withEvents(async ({ events, main }) => {
    await main.broker.queues.create('q')
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 'q', Arn: queueArn('q') }])
    await put(events, { Source: 'shop', DetailType: 'x', Detail: ' {"id": 12345678901234567890, "é": "\\u0000"} ' })
    assert.match((await taken(main, 'q'))[0] ?? '', /"detail":\{"id": 12345678901234567890, "é": "\\u0000"\}\}$/)
  }))

test('entries that cannot be taken are told one by one, and the others are taken', () =>
  withEvents(async ({ events, main }) => {
    await main.broker.queues.create('q')
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 'q', Arn: queueArn('q') }])
    const Entries = [
      order({ n: 1 }),
      { Source: 'shop', Detail: '{}' },
      { DetailType: 'x', Detail: '{}' },
      { Source: 'shop', DetailType: 'x' },
      { Source: 'shop', DetailType: 'x', Detail: '[1]' },
      { Source: 'shop', DetailType: 'x', Detail: '"text"' },
      { Source: 'shop', DetailType: 'x', Detail: '{"a":' },
      order({ n: 2 }, { EventBusName: 'nowhere' }),
    ]
    const answer = await events.send(new sdk.PutEventsCommand({ Entries }))
    assert.is(answer.FailedEntryCount, 6)
    const required = (name: string) => `Parameter ${name} is not valid. Reason: ${name} is a required argument.`
    assert.equal(
      (answer.Entries ?? []).map(({ EventId, ErrorCode, ErrorMessage }) =>
        EventId ? 'taken' : [ErrorCode, ErrorMessage],
      ),
      [
        'taken',
        ['InvalidArgument', required('DetailType')],
        ['InvalidArgument', required('Source')],
        ['InvalidArgument', required('Detail')],
        ['MalformedDetail', 'Detail is malformed.'],
        ['MalformedDetail', 'Detail is malformed.'],
        ['MalformedDetail', 'Detail is malformed.'],
        'taken',
      ],
    )
    assert.is((await taken(main, 'q')).length, 1)
    const many = Array.from({ length: 11 }, () => order({}))
    assert.match(
      await refusal(events.send(new sdk.PutEventsCommand({ Entries: many }))),
      /^ValidationException: 1 valid/,
    )
    const large = [order({ x: 'x'.repeat(600_000) }), order({ x: 'x'.repeat(600_000) })]
    assert.is(
      await refusal(events.send(new sdk.PutEventsCommand({ Entries: large }))),
      'ValidationException: Total size of the entries in the request is over the limit.',
    )
  }))

test('what a target gets: a text, a part of the event, or a template', () =>
  withEvents(async ({ events, main }) => {
    for (const name of ['text', 'part', 'template']) await main.broker.queues.create(name)
    await rule(events, 'r', { source: ['shop'] }, [
      { Id: 'text', Arn: queueArn('text'), Input: '{"fixed": 1}' },
      { Id: 'part', Arn: queueArn('part'), InputPath: '$.detail.items' },
      {
        Id: 'template',
        Arn: queueArn('template'),
        InputTransformer: {
          InputPathsMap: { name: '$.detail.name', items: '$.detail.items', none: '$.detail.none' },
          InputTemplate:
            '{"n": <name>, "said": "it is <name>", "i": <items>, "none": "<none>", "rule": "<aws.events.rule-name>", "arn": "<aws.events.rule-arn>", "e": <aws.events.event.json>, "bare": <aws.events.event>, "at": "<aws.events.event.ingestion-time>"}',
        },
      },
    ])
    await put(events, order({ name: 'a "b"', items: [1, 2] }))
    assert.equal(await taken(main, 'text'), ['{"fixed": 1}'])
    assert.equal(await taken(main, 'part'), ['[1,2]'])
    const made = JSON.parse((await taken(main, 'template'))[0] ?? '')
    const { e, bare, at, ...rest } = made
    assert.equal(rest, {
      ...{ n: 'a "b"', said: 'it is a "b"', i: [1, 2], none: '', rule: 'r' },
      arn: 'arn:aws:events:us-east-1:000000000000:rule/r',
    })
    assert.equal(e.detail, { name: 'a "b"', items: [1, 2] })
    assert.equal({ ...bare, detail: e.detail }, e)
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  }))

test('an event goes on to another bus, once: two buses that name each other do not go on for ever', () =>
  withEvents(async ({ events, main, faults }) => {
    await main.broker.queues.create('q')
    await events.send(new sdk.CreateEventBusCommand({ Name: 'b' }))
    await rule(events, 'there', { source: ['shop'] }, [{ Id: 'b', Arn: busArn('b') }])
    await rule(events, 'back', { source: ['shop'] }, [{ Id: 'a', Arn: busArn('default') }], 'b')
    await rule(events, 'kept', { source: ['shop'] }, [{ Id: 'q', Arn: queueArn('q') }], 'b')
    const [id] = await put(events, order({}))
    assert.equal(
      (await taken(main, 'q')).map((body) => JSON.parse(body).id),
      [id],
    )
    assert.match(String(faults[0]), /Rule back of event bus b could not deliver to a: .*from another bus already/)
    assert.is(faults.length, 1)
  }))

test('what cannot be delivered is told aloud, and goes to the dead-letter queue', () =>
  withEvents(async ({ events, main, faults }) => {
    await main.broker.queues.create('dead')
    const DeadLetterConfig = { Arn: queueArn('dead') }
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 't', Arn: queueArn('gone'), DeadLetterConfig }])
    const [id] = await put(events, order({}))
    await put(events, order({}))
    const signal = new AbortController().signal
    const [letter] = await main.broker.queues.get('dead').receive({ max: 1, waitMillis: 0, signal })
    assert.is(JSON.parse(Buffer.from(letter?.body ?? []).toString()).id, id)
    const said = Object.fromEntries(Object.entries(letter?.attributes ?? {}).map(([name, { value }]) => [name, value]))
    assert.equal(said, {
      RULE_ARN: 'arn:aws:events:us-east-1:000000000000:rule/r',
      TARGET_ARN: queueArn('gone'),
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: 'There is no queue gone.',
      RETRY_ATTEMPTS: '0',
    })
    assert.equal(
      faults.map((error) => (error as Error).message),
      ['Rule r of event bus default could not deliver to t: There is no queue gone.'],
    )
    const { matched, failed, lastError } = main.broker.buses.get('default').status('r')
    assert.equal([matched, failed, lastError], [2, 2, 't: There is no queue gone.'])
  }))

test('a function that is not there: the event goes to the dead-letter queue, and the binding says so', () =>
  withEvents(async ({ events, main }) => {
    await main.broker.queues.create('dead')
    const DeadLetterConfig = { Arn: queueArn('dead') }
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 't', Arn: functionArn('gone'), DeadLetterConfig }])
    const [id] = await put(events, order({}))
    let letters: string[] = []
    await until(async () => {
      letters = await taken(main, 'dead')
      return letters.length > 0
    })
    assert.is(JSON.parse(letters[0] ?? '').id, id)
    const { bindings } = main.broker
    const described = () => bindings.records.list().map((record) => bindings.describe(record))
    await until(() => described()[0]?.lag === 0)
    const [binding] = described()
    assert.is(binding?.source.kind, 'bus')
    assert.match(binding?.status?.lastError ?? '', /There is no function gone/)
    await events.send(new sdk.RemoveTargetsCommand({ Rule: 'r', Ids: ['t'] }))
    assert.equal(bindings.records.list(), [])
  }))

test('a topic hands the event on to its subscriptions, in the same commit', () =>
  withEvents(async ({ events, main, faults }) => {
    for (const name of ['q', 'dead']) await main.broker.queues.create(name)
    const client = await connect(main)
    await client.topic('t').create()
    await client.topic('t').putSubscription('s', { target: { queue: 'q' } })
    await client.close()
    const DeadLetterConfig = { Arn: queueArn('dead') }
    await rule(events, 'r', { source: ['shop'] }, [
      { Id: 't', Arn: 'arn:aws:sns:us-east-1:000000000000:t' },
      { Id: 'gone', Arn: 'arn:aws:sns:us-east-1:000000000000:gone', DeadLetterConfig },
    ])
    const [id] = await put(events, order({ n: 1 }))
    const [body = ''] = await taken(main, 'q')
    assert.is(JSON.parse(body).id, id)
    assert.is((await taken(main, 'dead')).length, 1)
    assert.match(String(faults), /could not deliver to gone: There is no topic gone/)
  }))

test('a FIFO queue gets its group; without deduplication of contents it is told that there is none', () =>
  withEvents(async ({ events, main, faults }) => {
    await main.broker.queues.create('a.fifo', { fifo: true, contentBasedDeduplication: true })
    await main.broker.queues.create('b.fifo', { fifo: true })
    const SqsParameters = { MessageGroupId: 'g' }
    await rule(events, 'r', { source: ['shop'] }, [
      { Id: 'a', Arn: queueArn('a.fifo'), SqsParameters },
      { Id: 'b', Arn: queueArn('b.fifo'), SqsParameters },
    ])
    await put(events, order({}))
    assert.is((await taken(main, 'a.fifo')).length, 1)
    assert.is((await taken(main, 'b.fifo')).length, 0)
    assert.match(String(faults), /could not deliver to b/)
  }))

test('a rule that is disabled sends nothing, and one that is enabled again does', () =>
  withEvents(async ({ events, main }) => {
    await main.broker.queues.create('q')
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 'q', Arn: queueArn('q') }])
    await events.send(new sdk.DisableRuleCommand({ Name: 'r' }))
    await put(events, order({}))
    assert.equal(await taken(main, 'q'), [])
    await events.send(new sdk.EnableRuleCommand({ Name: 'r' }))
    await put(events, order({}))
    assert.is((await taken(main, 'q')).length, 1)
  }))

test('an archive holds what its pattern matches, and a replay of it reaches the rules that are named, marked, once', () =>
  withEvents(async ({ events, main }) => {
    for (const name of ['q', 'other']) await main.broker.queues.create(name)
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 'q', Arn: queueArn('q') }])
    await rule(events, 'other', { source: ['shop'] }, [{ Id: 'q', Arn: queueArn('other') }])
    await put(events, order({ n: 0, keep: true }))
    const EventPattern = '{"detail":{"keep":[true]}}'
    const { ArchiveArn = '' } = await events.send(
      new sdk.CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn: busArn('default'), EventPattern }),
    )
    const Time = new Date('2026-01-01T00:00:00Z')
    await put(events, order({ n: 1, keep: true }, { Time }), order({ n: 2, keep: false }, { Time }))
    await put(events, order({ n: 3, keep: true }, { Time: new Date('2026-01-01T01:00:00Z') }))
    for (const name of ['q', 'other']) await taken(main, name)
    const archive = await events.send(new sdk.DescribeArchiveCommand({ ArchiveName: 'a' }))
    assert.equal([archive.EventCount, archive.RetentionDays, archive.State], [2, 0, 'ENABLED'])
    const replay = (ReplayName: string, EventEndTime: Date) =>
      events.send(
        new sdk.StartReplayCommand({
          ReplayName,
          EventSourceArn: ArchiveArn,
          EventStartTime: Time,
          EventEndTime,
          Destination: {
            Arn: busArn('default'),
            FilterArns: ['arn:aws:events:us-east-1:000000000000:rule/r'],
          },
        }),
      )
    const done = (ReplayName: string) =>
      until(async () => (await events.send(new sdk.DescribeReplayCommand({ ReplayName }))).State === 'COMPLETED')
    await replay('one', new Date('2026-01-01T01:00:00Z'))
    await done('one')
    const again = (await taken(main, 'q')).map((body) => JSON.parse(body))
    assert.equal(
      again.map((event) => [event.detail.n, event['replay-name'], event.time]),
      [[1, 'one', '2026-01-01T00:00:00Z']],
    )
    await replay('two', new Date('2026-01-02T00:00:00Z'))
    await done('two')
    assert.equal(
      (await taken(main, 'q')).map((body) => JSON.parse(body).detail.n),
      [1, 3],
    )
    assert.equal(await taken(main, 'other'), [])
    assert.is((await events.send(new sdk.DescribeArchiveCommand({ ArchiveName: 'a' }))).EventCount, 2)
    const { Replays = [] } = await events.send(new sdk.ListReplaysCommand({ EventSourceArn: ArchiveArn }))
    assert.equal(
      Replays.map(({ ReplayName, State }) => [ReplayName, State]),
      [
        ['one', 'COMPLETED'],
        ['two', 'COMPLETED'],
      ],
    )
    assert.match(
      await refusal(replay('one', new Date())),
      /^ResourceAlreadyExistsException: Replay one already exists\./,
    )
    assert.match(
      await refusal(events.send(new sdk.CancelReplayCommand({ ReplayName: 'one' }))),
      /^IllegalStatusException/,
    )
    assert.match(
      await refusal(replay('three', Time)),
      /^ValidationException: Parameter EventEndTime is not valid\. Reason: EventStartTime must be before EventEndTime\./,
    )
  }))

test('a rule with a schedule sends an event of its own when it is due, one period after it was made or enabled', () => {
  const clock = new ManualClock(Date.parse('2028-02-28T23:50:00Z'))
  const minute = 60_000
  return withEvents(
    async ({ events, main }) => {
      await main.broker.queues.create('q', { visibilityMillis: 12 * 60 * minute })
      const { RuleArn = '' } = await events.send(
        new sdk.PutRuleCommand({ Name: 'r', ScheduleExpression: 'rate(10 minutes)' }),
      )
      const day = { Name: 'day', ScheduleExpression: 'cron(0 0 29 2 ? 2028)' }
      await events.send(new sdk.PutRuleCommand(day))
      for (const Rule of ['r', 'day']) {
        await events.send(new sdk.PutTargetsCommand({ Rule, Targets: [{ Id: 'q', Arn: queueArn('q') }] }))
      }
      await clock.advance(9 * minute)
      assert.equal(await taken(main, 'q'), [])
      await clock.advance(minute)
      const come: string[] = []
      const arrived = (count: number) => until(async () => come.push(...(await taken(main, 'q'))) >= count)
      await arrived(2)
      const [first, second] = come.map((body) => JSON.parse(body))
      assert.equal([first.resources, second.resources].flat().sort(), [RuleArn.replace(/r$/, 'day'), RuleArn])
      const { id: _, resources: __, ...rest } = first
      assert.equal(rest, {
        ...{ version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events', account: '000000000000' },
        ...{ time: '2028-02-29T00:00:00Z', region: 'us-east-1', detail: {} },
      })
      await events.send(new sdk.DisableRuleCommand({ Name: 'r' }))
      await clock.advance(25 * minute)
      await events.send(new sdk.EnableRuleCommand({ Name: 'r' }))
      await clock.advance(9 * minute)
      assert.equal(await taken(main, 'q'), [])
      await clock.advance(minute)
      await arrived(3)
      for (const ScheduleExpression of [
        'rate(1 minutes)',
        'cron(0 0 31 13 ? *)',
        'cron(0 0 * * * *)',
        ' rate(1 minute)',
      ]) {
        assert.is(
          await refusal(events.send(new sdk.PutRuleCommand({ Name: 'x', ScheduleExpression }))),
          'ValidationException: Parameter ScheduleExpression is not valid.',
          ScheduleExpression,
        )
      }
    },
    { clock },
  )
})

test('what an archive keeps outlives what its bus keeps, and goes after its own time', () => {
  const clock = new ManualClock()
  const hour = 60 * 60 * 1_000
  return withEvents(
    async ({ events }) => {
      await events.send(
        new sdk.CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn: busArn('default'), RetentionDays: 2 }),
      )
      await put(events, order({ n: 1 }))
      const { ArchiveArn = '' } = await events.send(new sdk.DescribeArchiveCommand({ ArchiveName: 'a' }))
      await clock.advance(47 * hour)
      const replayed = async (ReplayName: string) => {
        await events.send(
          new sdk.StartReplayCommand({
            ReplayName,
            EventSourceArn: ArchiveArn,
            EventStartTime: new Date(0),
            EventEndTime: new Date(clock.now()),
            Destination: { Arn: busArn('default') },
          }),
        )
        let last: Date | undefined
        await until(async () => {
          const { State, EventLastReplayedTime } = await events.send(new sdk.DescribeReplayCommand({ ReplayName }))
          last = EventLastReplayedTime
          return State === 'COMPLETED'
        })
        return last !== undefined
      }
      assert.is(await replayed('one'), true)
      await clock.advance(2 * hour)
      assert.is(await replayed('two'), false)
    },
    { clock },
  )
})

test.run()
