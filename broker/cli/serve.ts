import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type Command, Option as Flag } from 'commander'
import type { Main, MainOptions } from '../main.ts'
import { environmentName, type Option, options } from '../options.ts'
import { MillraceError } from '../wire/errors.ts'
import { readCredentials } from './aws-credentials.ts'
import { bytesText, parseBytes } from './byte-size.ts'
import { outliveReader } from './output.ts'
import { defaultUrl } from './with-client.ts'

/** The options of `serve` as the command line gives them. */
interface ServeFlags {
  readonly host: string
  readonly port: string
  readonly data: string
  readonly memory?: boolean
  readonly clock: 'real' | 'manual'
  readonly limits: 'relaxed' | 'strict'
  readonly logBytes?: string
  readonly token?: string
  readonly awsCredentials?: readonly string[]
  readonly grant?: readonly string[]
  readonly allowOrigin?: readonly string[]
  readonly insecure?: boolean
  readonly privateTargets?: boolean
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly quiet?: boolean
}

export function addServe(program: Command): void {
  const command = program.command('serve').description('run a broker; npm start does this')
  for (const option of options) command.addOption(flagOf(option))
  command.addHelpText('after', help).action(serve)
}

const help = `
Examples:
  $ millrace serve                                    on this machine's port 4566, kept in ./data
  $ millrace serve --memory --port 0 --clock manual   for a test
  $ millrace serve --host 0.0.0.0 --token "$TOKEN" --tls-cert cert.pem --tls-key key.pem

SIGTERM and Ctrl-C drain: what was taken in is stored, long streams end with their positions. docs/operating.md has more.`

function flagOf(option: Option): Flag {
  const flag = new Flag(
    option.value === undefined ? `--${option.name}` : `--${option.name} <${option.value}>`,
    option.help,
  )
  if (option.default !== undefined) flag.default(option.default)
  if (option.choices !== undefined) flag.choices(option.choices)
  if (option.repeatable) flag.argParser<string[]>((value, earlier = []) => [...earlier, ...value.split(',')])
  const name = environmentName(option)
  return isUnset(option, process.env[name]) ? flag : flag.env(name)
}

/** A variable that is empty says nothing, and a switch can be told to be off. */
function isUnset(option: Option, value: string | undefined): boolean {
  return value === '' || (option.value === undefined && /^(0|false|no|off)$/i.test(value ?? ''))
}

/** What a process that a signal ended exits with: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** With two cores the other one is the load's: V8's threads that mark garbage beside the main one would take it away (docs/decisions/0007). */
function leaveCores(): void {
  if (availableParallelism() <= 2) setFlagsFromString('--no-concurrent-marking')
}

/** Runs a broker until it is told to stop. */
async function serve(flags: ServeFlags): Promise<void> {
  watchFaults()
  leaveCores()
  const { Main } = await import('../main.ts')
  const main = await Main.start(await mainOptions(flags))
  let stopping = false
  const stop = (signal: keyof typeof exitCodes) => {
    if (stopping) process.exit(exitCodes[signal])
    stopping = true
    if (flags.quiet !== true) console.log(`millrace: ${signal}: draining …`)
    main.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error('millrace: could not close cleanly:', error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  if (flags.quiet !== true) console.log(banner(main, flags))
}

/**
 * A rejection that nobody handled left its own work undone and nothing else: it is reported. An exception that nobody caught may have
 * left anything half done, so this process ends; what was acknowledged is on disk, and the next start finds it.
 */
function watchFaults(): void {
  outliveReader()
  process.stderr.on('error', () => undefined)
  process.on('unhandledRejection', (error) => console.error('millrace: a fault nobody waited for:', error))
  process.on('uncaughtException', (error) => {
    console.error('millrace: an unexpected fault; what was acknowledged is on disk.', error)
    process.exit(1)
  })
}

async function mainOptions(flags: ServeFlags): Promise<MainOptions> {
  const { host, data, clock, limits, memory, token, insecure, privateTargets } = flags
  const tls = await readTls(flags)
  const awsCredentials = await readCredentials(flags.awsCredentials)
  return {
    host,
    port: portIn(flags.port),
    data,
    clock,
    limits,
    ...(memory === undefined ? {} : { memory }),
    ...(token === undefined ? {} : { token }),
    ...(awsCredentials === undefined ? {} : { awsCredentials }),
    ...(flags.grant === undefined ? {} : { grants: grantsIn(flags.grant) }),
    ...(flags.allowOrigin === undefined ? {} : { allowOrigins: flags.allowOrigin }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(privateTargets === undefined ? {} : { privateTargets }),
    ...(flags.logBytes === undefined ? {} : { logBytesMax: parseBytes('--log-bytes', flags.logBytes) }),
    ...(tls === undefined ? {} : { tls }),
  }
}

/** Each is a token and, behind it, its rules. */
function grantsIn(texts: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    texts.map((text) => {
      const [token = '', ...rules] = text.trim().split(/\s+/)
      return [token, rules]
    }),
  )
}

function accessText({ token, grant, awsCredentials, insecure }: ServeFlags): string {
  const tokens = token !== undefined || grant !== undefined
  const ways = [...(tokens ? ['token'] : []), ...(awsCredentials === undefined ? [] : ['AWS signature'])]
  if (ways.length > 0) return `by ${ways.join(' or ')}`
  return insecure ? 'everyone who reaches it (--insecure)' : 'this machine'
}

function portIn(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port < 65_536) return port
  throw new MillraceError('invalid_field', { field: '--port', reason: `must be 0 to 65535 and is ${text}` })
}

async function readTls({ tlsCert, tlsKey }: ServeFlags): Promise<{ cert: Buffer; key: Buffer } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new MillraceError('invalid_field', { field: '--tls-cert and --tls-key', reason: 'must be given together' })
  }
  const read = (field: string, path: string) =>
    readFile(path).catch((cause: Error) => {
      throw new MillraceError('invalid_field', { field, reason: `cannot be read: ${cause.message}` }, cause)
    })
  return { cert: await read('--tls-cert', tlsCert), key: await read('--tls-key', tlsKey) }
}

function banner(main: Main, flags: ServeFlags): string {
  const { broker } = main
  const url = main.url ?? ''
  const bytes = broker.logs.store.segments().reduce((sum, segment) => sum + segment.bytes, 0)
  const streams = broker.streams.list().length
  const data = flags.memory
    ? 'in memory: gone when this process ends'
    : `${resolve(flags.data)} (${streams} ${streams === 1 ? 'stream' : 'streams'}, ${bytesText(bytes)})`
  const access = accessText(flags)
  const authorization = flags.token === undefined ? '' : ` -H 'authorization: Bearer …'`
  return `
  Millrace ${broker.version} at ${url}   HTTP/1.1, HTTP/2${flags.tlsCert === undefined ? '' : ', TLS'}

    data    ${data}
    clock   ${flags.clock}      limits  ${flags.limits}      access  ${access}
    console ${url}/console

  Try next, in another terminal:

    curl${authorization} -X PUT ${url}/v1/streams/orders
    curl${authorization} ${url}/v1/streams/orders/records -d '{"records": [{"key": "user-1", "json": {"total": 42}}]}'
    npx millrace tail orders --from horizon${url === defaultUrl ? '' : ` --url ${url}`}${flags.token === undefined ? '' : ' --token …'}
`
}
