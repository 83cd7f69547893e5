import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Client } from '../../../client/index.ts'
import { interruptSignal } from '../interrupt.ts'
import { print, printJson, printLine } from '../output.ts'
import { readerGone } from '../reader-watch.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { jsonText, plainText, rawText } from './message-text.ts'

interface SubscribeFlags extends BrokerFlags {
  readonly queue?: string
  readonly stream?: string
  readonly function?: string
  readonly http?: string
  readonly topic?: string
  readonly name?: string
  readonly filter?: object
  readonly filterBody?: boolean
  readonly raw?: boolean
  readonly deadLetter?: string
  readonly json?: boolean
}

const kinds = ['queue', 'stream', 'function', 'http', 'topic'] as const

export function addSubscribe(topic: Command): void {
  const target = (kind: (typeof kinds)[number], what: string) =>
    new Option(`--${kind} <${kind === 'http' ? 'url' : 'name'}>`, what).conflicts(kinds.filter((each) => each !== kind))
  const command = topic
    .command('subscribe')
    .description('have a queue, a stream, a function or an endpoint get what is published; or listen, and print it')
    .argument('<topic>')
    .addOption(target('queue', 'a queue gets it'))
    .addOption(target('stream', 'a stream gets it'))
    .addOption(target('function', 'a function is invoked with it'))
    .addOption(target('http', 'an HTTP endpoint gets it'))
    .addOption(target('topic', 'another topic publishes it'))
    .option('--name <name>', 'what the subscription is called; the name of its target by default')
    .option('--filter <policy>', 'only messages with such attributes, as JSON', filterArgument)
    .option('--filter-body', 'the filter looks into the data, not at attributes')
    .option('--raw', 'the data alone: without an envelope around it, or, when listening, without anything beside it')
    .option('--dead-letter <queue>', 'where messages go that cannot be delivered')
  takesJson(takesBroker(command)).addHelpText('after', help).action(subscribe)
}

const help = `
Without a target it listens: messages are printed as they are published, until Ctrl-C.

Examples:
  $ millrace topic subscribe orders
  $ millrace topic subscribe orders --queue mails --filter '{"kind": ["order"]}'
  $ millrace topic subscribe orders --http http://127.0.0.1:8080/hook --dead-letter failed`

function filterArgument(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // The message below says what was wanted.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"kind": ["order"]}.')
}

async function subscribe(name: string, flags: SubscribeFlags): Promise<void> {
  const kind = kinds.find((each) => flags[each] !== undefined)
  const signal = kind === undefined ? AbortSignal.any([interruptSignal(), await readerGone()]) : undefined
  await withClient(flags, async (client) => {
    if (kind === undefined) return listen(client, name, flags, signal as AbortSignal)
    const to = flags[kind] as string
    const subscription = flags.name ?? (kind === 'http' ? new URL(to).hostname : to)
    const description = await client.topic(name).putSubscription(subscription, {
      target: { [kind]: to } as { queue: string },
      ...chosen(flags),
      ...(flags.raw === undefined ? {} : { raw: flags.raw }),
      ...(flags.deadLetter === undefined ? {} : { deadLetter: flags.deadLetter }),
    })
    if (flags.json) await printJson(description)
    else await printLine(`${kind} ${to} gets what is published to ${name} (subscription ${subscription}).`)
  })
}

async function listen(client: Client, name: string, flags: SubscribeFlags, signal: AbortSignal): Promise<void> {
  const format = flags.json ? jsonText : flags.raw ? rawText : plainText
  const listener = await client.topic(name).subscribe({ ...chosen(flags), signal })
  for await (const message of listener) await print(format(message))
}

function chosen({ filter, filterBody }: SubscribeFlags) {
  return { ...(filter && { filter }), ...(filterBody && { filterScope: 'body' as const }) }
}
