import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge'
import * as assert from 'uvu/assert'
import type { Main, MainOptions } from '../../broker/main.ts'
import { type AwsBroker, withBroker } from './harness.ts'
import { clientOptions } from './lambda-harness.ts'

export interface EventsHarness extends AwsBroker {
  readonly events: EventBridgeClient
}

/** Runs `body` with a broker in memory that listens, and an unmodified client of EventBridge. */
export function withEvents(body: (harness: EventsHarness) => Promise<void>, options: MainOptions = {}): Promise<void> {
  return withBroker(async (broker) => {
    const events = new EventBridgeClient(clientOptions(broker.url))
    try {
      await body({ ...broker, events })
    } finally {
      events.destroy()
    }
  }, options)
}

export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`
export const streamArn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`
export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`
export const busArn = (name: string) => `arn:aws:events:us-east-1:000000000000:event-bus/${name}`

/** An event about an order. */
export function order(detail: object, more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry {
  return { Source: 'shop', DetailType: 'order', Detail: JSON.stringify(detail), ...more }
}

/** Puts events, all of which must be taken; returns their ids. */
export async function put(events: EventBridgeClient, ...Entries: PutEventsRequestEntry[]): Promise<string[]> {
  const answer = await events.send(new PutEventsCommand({ Entries }))
  assert.is(answer.FailedEntryCount, 0, JSON.stringify(answer.Entries))
  return (answer.Entries ?? []).map(({ EventId = '' }) => EventId)
}

/** Makes a rule that sends what matches `pattern` to `targets`. */
export async function rule(
  events: EventBridgeClient,
  Name: string,
  pattern: object,
  targets: readonly Target[],
  EventBusName?: string,
): Promise<void> {
  const on = EventBusName === undefined ? {} : { EventBusName }
  await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern), ...on }))
  const Targets = [...targets]
  const { FailedEntryCount } = await events.send(new PutTargetsCommand({ Rule: Name, Targets, ...on }))
  assert.is(FailedEntryCount, 0)
}

/** Takes what a queue holds now, as text. */
export async function taken(main: Main, queue: string): Promise<string[]> {
  const signal = new AbortController().signal
  const messages = await main.broker.queues.get(queue).receive({ max: 100, waitMillis: 0, signal })
  return messages.map(({ body }) => Buffer.from(body).toString())
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}
