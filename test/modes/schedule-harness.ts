import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, ManualClock, type Timer } from '../../broker/clock.ts'
import { Main, type MainOptions, type MainParts } from '../../broker/main.ts'
import { type Client, connect } from '../../client/index.ts'

export interface ScheduleHarness {
  readonly main: Main
  readonly client: Client
  readonly faults: unknown[]
}

/** Runs `body` with a broker in memory whose clock begins at `start` and stands still. */
export async function withSchedules(
  start: string,
  body: (harness: ScheduleHarness) => Promise<void>,
  parts: MainParts = {},
): Promise<void> {
  await run({ memory: true, clock: new ManualClock(Date.parse(start)) }, body, parts)
}

/** One life of a broker. */
export async function run(
  options: MainOptions,
  body: (harness: ScheduleHarness) => Promise<void>,
  parts: MainParts = {},
): Promise<void> {
  const faults: unknown[] = []
  const main = await Main.start({ onFault: (error) => faults.push(error), ...options }, parts)
  try {
    const client = await connect(main)
    await body({ main, client, faults })
    await client.close()
  } finally {
    await main.close()
  }
}

/** A data directory that is gone afterwards. */
export async function withData(body: (data: string) => Promise<void>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'millrace-schedules-'))
  try {
    await body(data)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

/** The texts of all messages that a queue holds, sorted: what an old segment holds is appended again when that is freed, so it may come last. */
export async function textsIn(client: Client, queue: string): Promise<string[]> {
  const { messages } = await client.queue(queue).peek({ limit: 1_000 })
  return messages.map(({ data }) => Buffer.from(data).toString()).sort()
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A machine's clock that somebody sets: its timers run on, its time jumps. */
export class SetClock implements Clock {
  readonly #running: ManualClock
  shift = 0

  constructor(running: ManualClock) {
    this.#running = running
  }

  now(): number {
    return this.#running.now() + this.shift
  }

  after(delayMillis: number, callback: () => void): Timer {
    return this.#running.after(delayMillis, callback)
  }
}
