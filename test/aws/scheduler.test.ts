import * as sdk from '@aws-sdk/client-scheduler'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { type Client, connect } from '../../client/index.ts'
import { textsIn } from '../modes/schedule-harness.ts'
import { suite } from '../suite.ts'
import { type AwsBroker, withBroker } from './harness.ts'
import { clientOptions, refusal, role } from './lambda-harness.ts'

const test = suite('EventBridge Scheduler by the AWS SDK')

const account = '000000000000'
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`
const start = Date.parse('2026-01-01T00:00:00Z')
const hour = 3_600_000

interface Harness extends AwsBroker {
  readonly scheduler: sdk.SchedulerClient
  readonly client: Client
}

function withScheduler(body: (harness: Harness) => Promise<void>): Promise<void> {
  return withBroker(
    async (broker) => {
      const scheduler = new sdk.SchedulerClient(clientOptions(broker.url))
      const client = await connect(broker.main)
      try {
        await body({ ...broker, scheduler, client })
      } finally {
        await client.close()
        scheduler.destroy()
      }
    },
    { clock: new ManualClock(start) },
  )
}

const off = { Mode: 'OFF' } as const
const target = { Arn: queueArn('q'), RoleArn: role }
const base = { Name: 's', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: off, Target: target }
type Given = Partial<sdk.CreateScheduleCommandInput>
const create = (scheduler: sdk.SchedulerClient, given: Given = {}) =>
  scheduler.send(new sdk.CreateScheduleCommand({ ...base, ...given }))

test('a schedule is made, told of as it was given, replaced and deleted', () =>
  withScheduler(async ({ scheduler }) => {
    const given: sdk.CreateScheduleCommandInput = {
      Name: 'report',
      Description: 'each morning',
      ScheduleExpression: 'cron(0 9 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      StartDate: new Date('2026-02-01T00:00:00Z'),
      EndDate: new Date('2027-02-01T00:00:00Z'),
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      State: 'DISABLED',
      ActionAfterCompletion: 'DELETE',
      Target: {
        ...target,
        Input: '{"a":1}',
        RetryPolicy: { MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 3 },
        DeadLetterConfig: { Arn: queueArn('dead') },
        SqsParameters: { MessageGroupId: 'g' },
      },
    }
    const { ScheduleArn } = await scheduler.send(new sdk.CreateScheduleCommand(given))
    assert.is(ScheduleArn, `arn:aws:scheduler:us-east-1:${account}:schedule/default/report`)
    const { $metadata: _, ...got } = await scheduler.send(new sdk.GetScheduleCommand({ Name: 'report' }))
    const times = { CreationDate: new Date(start), LastModificationDate: new Date(start) }
    assert.equal(got, { ...given, ...times, Arn: ScheduleArn, GroupName: 'default' })
    // An update replaces everything.
    await scheduler.send(new sdk.UpdateScheduleCommand({ ...base, Name: 'report' }))
    const { $metadata: __, ...updated } = await scheduler.send(new sdk.GetScheduleCommand({ Name: 'report' }))
    assert.equal(updated, {
      ...base,
      ...times,
      Name: 'report',
      Arn: ScheduleArn,
      GroupName: 'default',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      Target: { ...target, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
    })
    await scheduler.send(new sdk.DeleteScheduleCommand({ Name: 'report' }))
    const gone = 'ResourceNotFoundException: Schedule report does not exist.'
    assert.is(await refusal(scheduler.send(new sdk.GetScheduleCommand({ Name: 'report' }))), gone)
    assert.is(await refusal(scheduler.send(new sdk.DeleteScheduleCommand({ Name: 'report' }))), gone)
    assert.is(await refusal(scheduler.send(new sdk.UpdateScheduleCommand({ ...base, Name: 'report' }))), gone)
  }))

test('it fires on its time, with the attributes of the firing filled in, or an event of its own', () =>
  withScheduler(async ({ scheduler, main, client, faults }) => {
    await client.queue('q').create()
    await client.queue('plain').create()
    await create(scheduler, {
      ScheduleExpression: 'at(2026-01-01T02:30:00)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      Target: {
        ...target,
        Input:
          '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.attempt-number> <aws.scheduler.x>',
      },
    })
    await create(scheduler, {
      Name: 'plain',
      ScheduleExpression: 'at(2026-01-01T01:30:00)',
      Target: { ...target, Arn: queueArn('plain') },
    })
    await main.broker.advance(1.5 * hour - 1)
    assert.equal(await textsIn(client, 'q'), [])
    await main.broker.advance(1)
    assert.equal(await textsIn(client, 'q'), [
      `arn:aws:scheduler:us-east-1:${account}:schedule/default/s 2026-01-01T01:30:00Z 1 <aws.scheduler.x>`,
    ])
    const { id, ...event } = JSON.parse((await textsIn(client, 'plain'))[0] ?? '') as Record<string, unknown>
    assert.match(`${id}`, /^[0-9a-f-]{36}$/)
    assert.equal(event, {
      version: '0',
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: '2026-01-01T01:30:00Z',
      region: 'us-east-1',
      resources: [`arn:aws:scheduler:us-east-1:${account}:schedule/default/plain`],
      detail: '{}',
    })
    assert.equal(faults, [])
  }))

test('calls of the API are made with the parameters that the input has', () =>
  withScheduler(async ({ scheduler, main, client }) => {
    await client.queue('q').create()
    await client.stream('s').create()
    const call = (name: string, action: string, input: object) =>
      create(scheduler, {
        Name: name,
        ScheduleExpression: 'at(2026-01-01T01:00:00)',
        Target: { ...target, Arn: `arn:aws:scheduler:::aws-sdk:${action}`, Input: JSON.stringify(input) },
      })
    await call('a', 'sqs:sendMessage', {
      QueueUrl: `http://localhost/${account}/q`,
      MessageBody: '<aws.scheduler.scheduled-time>',
    })
    await call('b', 'kinesis:putRecord', { StreamName: 's', PartitionKey: 'k', Data: 'text' })
    assert.match(await refusal(call('c', 'ec2:stopInstances', {})), /^ValidationException: .*sqs:sendMessage/)
    assert.match(
      await refusal(call('c', 'sqs:sendMessage', { MessageBody: 'x' })),
      /^ValidationException: QueueUrl must be/,
    )
    await main.broker.advance(hour)
    assert.equal(await textsIn(client, 'q'), ['2026-01-01T01:00:00Z'])
    const { records } = await client.stream('s').read({ shard: 0, limit: 10 })
    assert.equal(
      records.map((record) => [record.key, record.text()]),
      [['k', 'text']],
    )
  }))

test('a function is invoked, by its ARN or by a call', () =>
  withScheduler(async ({ scheduler, main }) => {
    const events: unknown[] = []
    await main.handle('f', (event) => {
      events.push(event)
    })
    const arn = `arn:aws:lambda:us-east-1:${account}:function:f`
    await create(scheduler, {
      ScheduleExpression: 'at(2026-01-01T01:00:00)',
      Target: { ...target, Arn: arn, Input: '{"n":1}' },
    })
    await create(scheduler, {
      Name: 'call',
      ScheduleExpression: 'at(2026-01-01T01:00:00)',
      Target: {
        ...target,
        Arn: 'arn:aws:scheduler:::aws-sdk:lambda:invoke',
        Input: JSON.stringify({ FunctionName: 'f', Payload: '{"n":2}', InvocationType: 'Event' }),
      },
    })
    await main.broker.advance(hour)
    // An invocation that nobody waits for begins by the clock.
    while (events.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await main.broker.advance(0)
    }
    assert.equal(events.map((event) => (event as { n: number }).n).sort(), [1, 2])
    // Both share the route to the function.
    const routes = main.broker.bindings.records.list().filter(({ source }) => source.kind === 'schedule')
    assert.equal(
      routes.map(({ name }) => name),
      ['schedule.function.f'],
    )
  }))

test('a create that comes again with its token is the same; another one of that name is a conflict', () =>
  withScheduler(async ({ scheduler }) => {
    const first = await create(scheduler, { ClientToken: 'one' })
    assert.is((await create(scheduler, { ClientToken: 'one' })).ScheduleArn, first.ScheduleArn)
    assert.is(await refusal(create(scheduler, { ClientToken: 'two' })), 'ConflictException: Schedule s already exists.')
    const group = (ClientToken: string) =>
      scheduler.send(new sdk.CreateScheduleGroupCommand({ Name: 'g', ClientToken }))
    assert.is((await group('one')).ScheduleGroupArn, (await group('one')).ScheduleGroupArn)
    assert.is(await refusal(group('two')), 'ConflictException: Schedule group g already exists.')
  }))

test('lists come in pages, by group, prefix and state', () =>
  withScheduler(async ({ scheduler }) => {
    await scheduler.send(new sdk.CreateScheduleGroupCommand({ Name: 'g' }))
    for (let i = 0; i < 5; i++) {
      await create(scheduler, { Name: `a${i}`, State: i === 3 ? 'DISABLED' : 'ENABLED' })
      await create(scheduler, { Name: `b${i}`, GroupName: 'g' })
    }
    const list = async (given: sdk.ListSchedulesCommandInput = {}) => {
      const names: string[] = []
      const pages = sdk.paginateListSchedules({ client: scheduler, pageSize: 3 }, given)
      for await (const { Schedules = [] } of pages) {
        assert.ok(Schedules.length <= 3)
        names.push(...Schedules.map(({ GroupName, Name, State }) => `${GroupName}/${Name} ${State}`))
      }
      return names
    }
    assert.is((await list()).length, 10)
    assert.equal(await list({ GroupName: 'g', NamePrefix: 'b1' }), ['g/b1 ENABLED'])
    assert.equal(await list({ State: 'DISABLED' }), ['default/a3 DISABLED'])
    assert.match(
      await refusal(list({ GroupName: 'none' })),
      'ResourceNotFoundException: Schedule group none does not exist.',
    )
    const { ScheduleGroups = [], NextToken } = await scheduler.send(
      new sdk.ListScheduleGroupsCommand({ MaxResults: 1 }),
    )
    assert.equal(
      ScheduleGroups.map(({ Name, State }) => [Name, State]),
      [['default', 'ACTIVE']],
    )
    const more = await scheduler.send(new sdk.ListScheduleGroupsCommand({ NextToken }))
    assert.equal(
      more.ScheduleGroups?.map(({ Name }) => Name),
      ['g'],
    )
  }))

test('groups have tags, and go with all their schedules', () =>
  withScheduler(async ({ scheduler }) => {
    const made = await scheduler.send(
      new sdk.CreateScheduleGroupCommand({ Name: 'g', Tags: [{ Key: 'team', Value: 'a' }] }),
    )
    const ResourceArn = made.ScheduleGroupArn as string
    assert.is(ResourceArn, `arn:aws:scheduler:us-east-1:${account}:schedule-group/g`)
    await scheduler.send(new sdk.TagResourceCommand({ ResourceArn, Tags: [{ Key: 'env', Value: 'x y' }] }))
    const tags = async () => (await scheduler.send(new sdk.ListTagsForResourceCommand({ ResourceArn }))).Tags
    assert.equal(await tags(), [
      { Key: 'team', Value: 'a' },
      { Key: 'env', Value: 'x y' },
    ])
    await scheduler.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ['team', 'none'] }))
    assert.equal(await tags(), [{ Key: 'env', Value: 'x y' }])
    await create(scheduler, { GroupName: 'g' })
    const { Arn, State } = await scheduler.send(new sdk.GetScheduleGroupCommand({ Name: 'g' }))
    assert.equal([Arn, State], [ResourceArn, 'ACTIVE'])
    await scheduler.send(new sdk.DeleteScheduleGroupCommand({ Name: 'g' }))
    assert.match(
      await refusal(scheduler.send(new sdk.GetScheduleCommand({ Name: 's', GroupName: 'g' }))),
      'Schedule group g does not exist.',
    )
    assert.match(
      await refusal(scheduler.send(new sdk.DeleteScheduleGroupCommand({ Name: 'default' }))),
      /^ValidationException/,
    )
  }))

test('what AWS refuses is refused in its words', () =>
  withScheduler(async ({ scheduler }) => {
    const said = (given: Given) => refusal(create(scheduler, given))
    const expression = (text: string) => `ValidationException: Invalid Schedule Expression ${text}.`
    for (const text of ['at(2021-12-31T23:59:59Z)', 'cron(0 1 * * * *)', 'rate( 10 minutes )', 'rate(10 seconds)']) {
      assert.is(await said({ ScheduleExpression: text }), expression(text))
    }
    assert.match(await said({ ScheduleExpressionTimezone: 'Mars' }), /^ValidationException: .*Mars/)
    assert.match(
      await said({ Name: 'a b' }),
      /^ValidationException: 1 validation error detected: Value 'a b' at 'name'/,
    )
    assert.match(await said({ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }), /^ValidationException/)
    assert.match(await said({ FlexibleTimeWindow: { Mode: 'OFF', MaximumWindowInMinutes: 1 } }), /^ValidationException/)
    assert.match(await said({ Target: { ...target, Input: '' } }), /^ValidationException/)
    assert.match(await said({ Target: { ...target, Arn: 'arn:aws:ec2:us-east-1:1:x' } }), /^ValidationException/)
    assert.match(
      await said({ Target: { ...target, RetryPolicy: { MaximumRetryAttempts: 186 } } }),
      /^ValidationException/,
    )
    assert.is(await said({ ScheduleExpression: 'rate(1 minutes)' }), 'no error')
    assert.is(
      await said({ Name: 'past', ScheduleExpression: 'at(2020-01-01T00:00:00)', State: 'DISABLED' }),
      'no error',
    )
  }))

test.run()
