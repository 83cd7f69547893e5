import type { Command } from 'commander'
import type { MoveTask, QueueHandle } from '../../../client/index.ts'
import { keptAlive, RealClock } from '../../clock.ts'
import { integerArgument } from '../arguments.ts'
import { exitCodes } from '../exit-codes.ts'
import { interruptSignal } from '../interrupt.ts'
import { count, counted, printJson, printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface RedriveFlags extends BrokerFlags {
  readonly to?: string
  readonly rate?: number
  readonly json?: boolean
}

export function addRedrive(queue: Command): void {
  const command = queue
    .command('redrive')
    .description('move all messages of a dead-letter queue back to where they came from')
    .argument('<queue>')
    .option('--to <queue>', 'to this queue instead')
    .option('--rate <number>', 'messages a second at most', integerArgument(1))
  takesJson(takesBroker(command)).addHelpText('after', help).action(redrive)
}

const help = `
It ends when all that was in the queue is moved. Ctrl-C stops the moving, too; what is moved stays moved.

Examples:
  $ millrace queue redrive failed
  $ millrace queue redrive failed --to jobs --rate 50`

async function redrive(name: string, flags: RedriveFlags): Promise<void> {
  const signal = interruptSignal()
  await withClient(flags, async (client) => {
    const queue = client.queue(name)
    const { to, rate } = flags
    const started = await queue.startMove({
      ...(to === undefined ? {} : { destination: to }),
      ...(rate === undefined ? {} : { perSecondMax: rate }),
    })
    const task = await ended(queue, started, signal)
    if (flags.json) await printJson(task)
    else await printLine(`Moved ${count(task.moved)} of ${counted(task.total, 'message')} of ${name}: ${task.status}.`)
    if (task.failure !== undefined) console.error(`millrace: ${task.failure}`)
    if (task.status === 'failed') process.exitCode = exitCodes.failed
  })
}

const lookMillis = 200

/** The task once it has ended; it is cancelled when `signal` fires. */
async function ended(queue: QueueHandle, started: MoveTask, signal: AbortSignal): Promise<MoveTask> {
  const clock = new RealClock()
  let task = started
  while (task.status === 'running' || task.status === 'cancelling') {
    if (signal.aborted) return queue.cancelMove(task.id)
    await keptAlive(new Promise<void>((resolve) => clock.after(lookMillis, resolve)))
    task = (await queue.moves()).find(({ id }) => id === task.id) ?? task
  }
  return task
}
