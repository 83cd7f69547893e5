import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { type Command, Option } from 'commander'
import type { Client } from '../../client/index.ts'
import { MillraceError } from '../wire/errors.ts'
import { report } from './report.ts'

export const defaultUrl = 'http://127.0.0.1:4566'

/** What every command that talks to a broker takes. */
export interface BrokerFlags {
  readonly url: string
  readonly token?: string
  readonly ca?: string
}

/** Adds the flags of BrokerFlags to a command. */
export function takesBroker(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', "the broker's address").env('MILLRACE_URL').default(defaultUrl))
    .addOption(new Option('--token <token>', 'what the broker wants as bearer token').env('MILLRACE_TOKEN'))
    .addOption(
      new Option('--ca <file>', "for https: the certificate (PEM) to trust the broker's by").env('MILLRACE_CA'),
    )
}

/** Adds --json to a command. */
export function takesJson(command: Command, what = 'print JSON instead of text'): Command {
  return command.option('--json', what)
}

/**
 * Runs a command with a client of the broker, closes it, and sets the exit code: this is the whole life of a command. Errors are
 * reported here, where what exists can still be looked up.
 */
export async function withClient(flags: BrokerFlags, work: (client: Client) => Promise<void>): Promise<void> {
  let client: Client | undefined
  try {
    endSooner()
    // Loaded only now: a broker has no use for it, and neither has help.
    const { connect } = await import('../../client/index.ts')
    const ca = flags.ca === undefined ? undefined : await readCertificate(flags.ca)
    client = await connect(flags.url, {
      ...(flags.token === undefined ? {} : { token: flags.token }),
      ...(ca === undefined ? {} : { tls: { ca } }),
    })
    await work(client)
  } catch (error) {
    process.exitCode = report(error, client && (await suggestion(client, error)))
  } finally {
    await client?.close()
  }
}

/**
 * The HTTP parser beneath comes as WebAssembly. Optimising it takes a few hundred milliseconds of a core, longer than all its work in
 * a command, and a process that is done waits for it: so it is compiled fast instead.
 */
function endSooner(): void {
  setFlagsFromString('--liftoff-only')
}

function readCertificate(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: Error) => {
    throw new MillraceError('invalid_field', { field: '--ca', reason: `cannot be read: ${cause.message}` }, cause)
  })
}

/** For a name that does not exist: the one that was probably meant. */
async function suggestion(client: Client, error: unknown): Promise<string | undefined> {
  if (!(error instanceof MillraceError)) return undefined
  try {
    const { name, names } = await candidates(client, error)
    const { closestMatch } = await import('leven')
    const closest = closestMatch(name, names, { maxDistance: Math.max(1, Math.floor(name.length / 3)) })
    return closest === undefined ? undefined : `Did you mean ${closest}?`
  } catch {
    // A suggestion is a courtesy: what went wrong first is what is told.
    return undefined
  }
}

/** The name that is not there, and those of its kind that are. */
async function candidates(
  client: Client,
  { code, details }: MillraceError,
): Promise<{ name: string; names: readonly string[] }> {
  const { stream = '', consumer = '', queue = '', topic = '', bus = '', rule = '', schedule = '' } = details
  if (code === 'schedule_not_found') {
    return { name: `${schedule}`, names: (await client.schedules()).map(({ name }) => name) }
  }
  if (code === 'bus_not_found') return { name: `${bus}`, names: (await client.buses()).map(({ name }) => name) }
  if (code === 'rule_not_found') {
    return { name: `${rule}`, names: (await client.bus(`${bus}`).rules()).map((each) => each.rule) }
  }
  if (code === 'stream_not_found') return { name: `${stream}`, names: (await client.streams()).map(({ name }) => name) }
  if (code === 'queue_not_found') return { name: `${queue}`, names: (await client.queues()).map(({ name }) => name) }
  if (code === 'topic_not_found') return { name: `${topic}`, names: (await client.topics()).map(({ name }) => name) }
  if (code !== 'consumer_not_found') return { name: '', names: [] }
  const consumers = await client.stream(`${stream}`).consumers()
  return { name: `${consumer}`, names: consumers.map((each) => each.consumer) }
}
