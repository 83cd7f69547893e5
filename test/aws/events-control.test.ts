import * as sdk from '@aws-sdk/client-eventbridge'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { busArn, queueArn, rule, withEvents } from './events-harness.ts'
import { refusal } from './lambda-harness.ts'

const test = suite('EventBridge, buses, rules and errors, by the AWS SDK')

test('buses are made, listed, changed, tagged and deleted; the default one is always there', () =>
  withEvents(async ({ events }) => {
    const { EventBusArn } = await events.send(
      new sdk.CreateEventBusCommand({ Name: 'b', Description: 'mine', Tags: [{ Key: 'k', Value: 'v' }] }),
    )
    assert.is(EventBusArn, busArn('b'))
    assert.is(
      await refusal(events.send(new sdk.CreateEventBusCommand({ Name: 'b' }))),
      'ResourceAlreadyExistsException: Event bus b already exists.',
    )
    const { EventBuses = [] } = await events.send(new sdk.ListEventBusesCommand({}))
    assert.equal(
      EventBuses.map(({ Name, Arn }) => [Name, Arn]),
      [
        ['b', busArn('b')],
        ['default', busArn('default')],
      ],
    )
    const first = await events.send(new sdk.ListEventBusesCommand({ Limit: 1 }))
    const second = await events.send(new sdk.ListEventBusesCommand({ Limit: 1, NextToken: first.NextToken }))
    assert.equal(
      [first.EventBuses?.[0]?.Name, second.EventBuses?.[0]?.Name, second.NextToken],
      ['b', 'default', undefined],
    )
    await events.send(new sdk.UpdateEventBusCommand({ Name: 'b', Description: 'yours' }))
    const bus = await events.send(new sdk.DescribeEventBusCommand({ Name: busArn('b') }))
    assert.equal([bus.Name, bus.Description, bus.CreationTime instanceof Date], ['b', 'yours', true])
    const { Tags } = await events.send(new sdk.ListTagsForResourceCommand({ ResourceARN: busArn('b') }))
    assert.equal(Tags, [{ Key: 'k', Value: 'v' }])
    assert.is(
      await refusal(events.send(new sdk.DescribeEventBusCommand({ Name: 'x' }))),
      'ResourceNotFoundException: Event bus x does not exist.',
    )
    assert.is(
      await refusal(events.send(new sdk.DeleteEventBusCommand({ Name: 'default' }))),
      'ValidationException: Cannot delete event bus default.',
    )
    await events.send(new sdk.DeleteEventBusCommand({ Name: 'b' }))
    await events.send(new sdk.DeleteEventBusCommand({ Name: 'b' }))
    assert.is((await events.send(new sdk.DescribeEventBusCommand({}))).Name, 'default')
  }))

test('a rule put anew has all its settings anew, but its targets and tags', () =>
  withEvents(async ({ events }) => {
    const EventPattern = '{"source":["a"]}'
    const { RuleArn = '' } = await events.send(
      new sdk.PutRuleCommand({ Name: 'r', EventPattern, Description: 'd', Tags: [{ Key: 'k', Value: 'v' }] }),
    )
    const Targets = [{ Id: 't', Arn: queueArn('q'), RoleArn: 'arn:aws:iam::000000000000:role/x' }]
    await events.send(new sdk.PutTargetsCommand({ Rule: 'r', Targets }))
    await events.send(new sdk.PutRuleCommand({ Name: 'r', EventPattern: '{"source":["b"]}', State: 'DISABLED' }))
    const { $metadata: _, ...known } = await events.send(new sdk.DescribeRuleCommand({ Name: 'r' }))
    assert.equal(known, {
      ...{ Name: 'r', Arn: RuleArn, EventPattern: '{"source":["b"]}', State: 'DISABLED', EventBusName: 'default' },
      CreatedBy: '000000000000',
    })
    assert.equal((await events.send(new sdk.ListTargetsByRuleCommand({ Rule: 'r' }))).Targets, Targets)
    assert.equal((await events.send(new sdk.ListTagsForResourceCommand({ ResourceARN: RuleArn }))).Tags?.length, 1)
    const byTarget = await events.send(new sdk.ListRuleNamesByTargetCommand({ TargetArn: queueArn('q') }))
    assert.equal(byTarget.RuleNames, ['r'])
    assert.is(
      await refusal(events.send(new sdk.DeleteRuleCommand({ Name: 'r' }))),
      "ValidationException: Rule can't be deleted since it has targets.",
    )
    const removed = await events.send(new sdk.RemoveTargetsCommand({ Rule: 'r', Ids: ['t', 'none'] }))
    assert.equal([removed.FailedEntryCount, removed.FailedEntries?.[0]?.TargetId], [1, 'none'])
    await events.send(new sdk.DeleteRuleCommand({ Name: 'r' }))
    await events.send(new sdk.DeleteRuleCommand({ Name: 'r' }))
    assert.is(
      await refusal(events.send(new sdk.DescribeRuleCommand({ Name: 'r' }))),
      'ResourceNotFoundException: Rule r does not exist on EventBus default.',
    )
  }))

test('what is wrong is said in the words of EventBridge', () =>
  withEvents(async ({ events, main }) => {
    await main.broker.queues.create('q')
    await events.send(new sdk.CreateEventBusCommand({ Name: 'b' }))
    await rule(events, 'r', { source: ['a'] }, []).catch(() => undefined)
    const put = (more: Partial<sdk.PutRuleCommandInput>) =>
      refusal(events.send(new sdk.PutRuleCommand({ Name: 'x', ...more })))
    assert.is(await put({}), 'ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.')
    assert.is(
      await put({ ScheduleExpression: 'rate(1 minute)', EventBusName: 'b' }),
      'ValidationException: ScheduleExpression is supported only on the default event bus.',
    )
    assert.is(
      await put({ ScheduleExpression: 'rate(1 second)' }),
      'ValidationException: Parameter ScheduleExpression is not valid.',
    )
    assert.is(
      await put({ EventPattern: '{"a":[]}' }),
      'InvalidEventPatternException: Event pattern is not valid. Reason: Empty arrays are not allowed',
    )
    assert.is(
      await put({ EventPattern: '{"a":1}' }),
      'InvalidEventPatternException: Event pattern is not valid. Reason: "a" must be an object or an array',
    )
    assert.is(
      await put({ EventPattern: '{"a":["x"]}', EventBusName: 'none' }),
      'ResourceNotFoundException: Event bus none does not exist.',
    )
    const targets = (...Targets: sdk.Target[]) =>
      refusal(events.send(new sdk.PutTargetsCommand({ Rule: 'r', Targets })))
    const q = { Id: 't', Arn: queueArn('q') }
    assert.is(
      await targets({ ...q, Input: '{}', InputPath: '$.detail' }),
      'ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for target t.',
    )
    assert.is(
      await targets({ ...q, InputTransformer: { InputTemplate: '"<x>"' } }),
      'ValidationException: InputTemplate for target t contains invalid placeholder x.',
    )
    assert.is(await targets({ ...q, Input: '{' }), 'ValidationException: JSON syntax error in input for target t.')
    const six = Array.from({ length: 6 }, (_, i) => ({ ...q, Id: `${i}` }))
    assert.is(
      await targets(...six),
      'LimitExceededException: The requested resource exceeds the maximum number allowed.',
    )
    const odd = await events.send(
      new sdk.PutTargetsCommand({
        Rule: 'r',
        Targets: [q, { Id: 'log', Arn: 'arn:aws:logs:us-east-1:000000000000:log-group:x' }],
      }),
    )
    assert.equal([odd.FailedEntryCount, odd.FailedEntries?.[0]?.TargetId], [1, 'log'])
    const archive = (EventSourceArn: string) =>
      refusal(events.send(new sdk.CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn })))
    assert.is(await archive(busArn('none')), 'ResourceNotFoundException: Event bus none does not exist.')
    const replay = (EventSourceArn: string, Destination: sdk.ReplayDestination) =>
      refusal(
        events.send(
          new sdk.StartReplayCommand({
            ...{ ReplayName: 'x', EventSourceArn, Destination },
            ...{ EventStartTime: new Date(0), EventEndTime: new Date() },
          }),
        ),
      )
    assert.is(
      await replay('arn:aws:events:us-east-1:000000000000:archive/none', { Arn: busArn('default') }),
      'ValidationException: Parameter EventSourceArn is not valid. Reason: Archive none does not exist.',
    )
    await archive(busArn('default'))
    assert.is(
      await replay('arn:aws:events:us-east-1:000000000000:archive/a', { Arn: busArn('b') }),
      'ValidationException: Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
    )
  }))

test('TestEventPattern says whether a pattern matches', () =>
  withEvents(async ({ events }) => {
    const Event = JSON.stringify({
      ...{
        id: '1',
        account: '0',
        source: 's',
        time: '2026-01-01T00:00:00Z',
        region: 'r',
        resources: [],
        'detail-type': 't',
      },
      detail: { a: 1 },
    })
    const ask = async (EventPattern: string, event = Event) =>
      (await events.send(new sdk.TestEventPatternCommand({ EventPattern, Event: event }))).Result
    assert.is(await ask('{"detail":{"a":[1]}}'), true)
    assert.is(await ask('{"detail":{"a":[2]}}'), false)
    assert.match(await refusal(ask('{"a":[]}')), /^InvalidEventPatternException: Event pattern is not valid/)
    assert.match(await refusal(ask('{"a":["x"]}', '{')), /^ValidationException: Parameter Event is not valid/)
  }))

test('permissions are kept and shown as a policy', () =>
  withEvents(async ({ events }) => {
    const StatementId = 's'
    await events.send(
      new sdk.PutPermissionCommand({ Action: 'events:PutEvents', Principal: '111122223333', StatementId }),
    )
    const { Policy = '{}' } = await events.send(new sdk.DescribeEventBusCommand({}))
    assert.equal(JSON.parse(Policy).Statement, [
      {
        ...{ Sid: 's', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' } },
        ...{ Action: 'events:PutEvents', Resource: busArn('default') },
      },
    ])
    assert.match(
      await refusal(events.send(new sdk.RemovePermissionCommand({ StatementId: 'x' }))),
      /^ResourceNotFoundException: Statement with the provided id does not exist\./,
    )
    await events.send(new sdk.RemovePermissionCommand({ StatementId }))
    assert.is((await events.send(new sdk.DescribeEventBusCommand({}))).Policy, undefined)
  }))

test.run()
