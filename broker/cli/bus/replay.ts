import { type Command, Option } from 'commander'
import type { BusHandle, Client, ReplayDescription } from '../../../client/index.ts'
import { keptAlive, RealClock } from '../../clock.ts'
import { MillraceError } from '../../wire/errors.ts'
import { integerArgument } from '../arguments.ts'
import { exitCodes } from '../exit-codes.ts'
import { type FromFlag, fromArgument, startOf } from '../from.ts'
import { interruptSignal } from '../interrupt.ts'
import { count, printJson, printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ReplayFlags extends BrokerFlags {
  readonly archive: string
  readonly bus: string
  readonly from?: FromFlag
  readonly to?: FromFlag
  readonly rule?: readonly string[]
  readonly rate?: number
  readonly json?: boolean
}

export function addReplay(bus: Command): void {
  const command = bus
    .command('replay')
    .description('hand the events of an archive to the rules of its bus again')
    .argument('<name>', 'of the replay: events carry it as replay-name')
    .requiredOption('--archive <name>', 'of which archive')
    .option('--bus <name>', 'of which bus', 'default')
    .addOption(
      new Option('--from <time>', 'events from then on, such as -2h or 2026-01-31T12:00:00Z').argParser(fromArgument),
    )
    .addOption(new Option('--to <time>', 'events up to then').argParser(fromArgument))
    .option('--rule <name...>', 'only to these rules')
    .option('--rate <number>', 'events a second at most', integerArgument(1))
  takesJson(takesBroker(command)).addHelpText('after', help).action(replay)
}

const help = `
It ends when all is replayed. Ctrl-C ends the replay, too.

Examples:
  $ millrace bus replay again --archive orders
  $ millrace bus replay again-2 --archive orders --from -2h --rule big --rate 100`

async function replay(name: string, flags: ReplayFlags): Promise<void> {
  const interrupted = interruptSignal()
  await withClient(flags, async (client) => {
    const { archive, rule: rules, rate: perSecond } = flags
    const bus = client.bus(flags.bus)
    const from = await timeOf(client, flags.from, '--from')
    const to = await timeOf(client, flags.to, '--to')
    await bus.replay(name, {
      archive,
      ...(from && { from }),
      ...(to && { to }),
      ...(rules && { rules }),
      ...(perSecond === undefined ? {} : { perSecond }),
    })
    const end = await keptAlive(ended(bus, name, interrupted))
    if (flags.json) await printJson(end)
    else await printLine(`${end.state.toLowerCase()}: ${count(end.events)} events were handed out again`)
    if (end.state !== 'COMPLETED') process.exitCode = exitCodes.failed
  })
}

const askAgainMillis = 100

/** What has come of a replay in the end. */
async function ended(bus: BusHandle, name: string, interrupted: AbortSignal): Promise<ReplayDescription> {
  const clock = new RealClock()
  let cancelled = false
  for (;;) {
    const now = await bus.replayed(name)
    if (now.endedAt !== undefined) return now
    if (interrupted.aborted && !cancelled) {
      cancelled = true
      await bus.cancelReplay(name)
    }
    await new Promise<void>((resolve) => clock.after(askAgainMillis, resolve))
  }
}

async function timeOf(client: Client, flag: FromFlag | undefined, field: string): Promise<Date | undefined> {
  if (flag === undefined || flag === 'horizon' || flag === 'latest') return undefined
  const start = await startOf(client, flag)
  if (start instanceof Date) return start
  throw new MillraceError('invalid_field', { field, reason: 'must be a time, such as -2h or 2026-01-31T12:00:00Z' })
}
