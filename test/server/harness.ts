import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { Main, type MainOptions, type MainParts } from '../../broker/main.ts'
import { Http1Client, Http2Client, type RawClient } from './raw-client.ts'

/** A suite, as far as tests are added to it. */
type AddTest = (name: string, body: () => Promise<void>) => void

/** How long a test waits for something that must come, before it says what did not. */
const patienceMillis = 60_000

/** `promise`, or after a long while an error that says what did not happen. */
export async function within<T>(promise: Promise<T>, what: string, millis = patienceMillis): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`this did not happen: ${what}`)), millis)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, millis = patienceMillis) {
  const started = performance.now()
  while (!(await condition())) {
    if (performance.now() - started > millis) throw new Error(`this did not happen: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Lets everything that is under way in this process, sockets included, move on. */
export async function turns(count = 30): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A broker that listens, and what a test needs to know of it. */
export interface Door {
  readonly main: Main
  readonly url: string
  readonly port: number
  readonly clock: ManualClock
  /** What was reported as a fault; a test that provokes one takes it out. */
  readonly faults: unknown[]
}

/** Runs `body` against a broker in memory, on a manual clock and a free port, and closes it. No fault may be left over. */
export async function withBroker(
  body: (door: Door) => Promise<void>,
  options: MainOptions = {},
  parts: MainParts = {},
): Promise<void> {
  const clock = new ManualClock()
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  const main = await Main.start({ memory: true, clock, port: 0, onFault, ...options }, parts)
  try {
    const url = main.url ?? assert.unreachable('it listens')
    await body({ main, url: `${url}`, port: Number(new URL(`${url}`).port), clock, faults })
    assert.equal(faults, [], 'faults')
  } finally {
    await within(main.close(), 'the broker closed')
  }
}

/** The same, with the sockets' time in the test's hands too. */
export async function withWall(
  body: (door: Door, wall: ManualClock) => Promise<void>,
  options: MainOptions = {},
  parts: MainParts = {},
): Promise<void> {
  const wall = new ManualClock()
  await withBroker(
    async (door) => {
      try {
        await body(door, wall)
      } finally {
        await ticking(wall, door.main.close())
      }
    },
    options,
    { ...parts, wall },
  )
}

/** `promise`, with the clock moving on, a second in no time, until it settles. */
export async function ticking<T>(clock: ManualClock, promise: Promise<T>, seconds = 600): Promise<T> {
  let settled = false
  const done = () => {
    settled = true
  }
  promise.then(done, done)
  for (let i = 0; i < seconds && !settled; i++) {
    await clock.advance(1_000)
    await turns()
  }
  return within(promise, `something settled within ${seconds} seconds of a manual clock`)
}

/** Makes one test for each version of HTTP and each encoding: the same resource, four ways. */
export function everyWay(
  test: AddTest,
  name: string,
  body: (client: RawClient, door: Door) => Promise<void>,
  parts: MainParts = {},
): void {
  for (const Client of [Http1Client, Http2Client]) {
    for (const encoding of ['JSON', 'MessagePack'] as const) {
      test(`${name} (${Client.version}, ${encoding})`, () =>
        withBroker(
          async (door) => {
            const client = new Client(door.url, encoding)
            try {
              await body(client, door)
            } finally {
              client.close()
            }
          },
          {},
          parts,
        ))
    }
  }
}

/** Makes one test for each version of HTTP. */
export function bothVersions(
  test: AddTest,
  name: string,
  body: (client: RawClient, door: Door) => Promise<void>,
  options: MainOptions = {},
  parts: MainParts = {},
): void {
  for (const Client of [Http1Client, Http2Client]) {
    test(`${name} (${Client.version})`, () =>
      withBroker(
        async (door) => {
          const client = new Client(door.url)
          try {
            await body(client, door)
          } finally {
            client.close()
          }
        },
        options,
        parts,
      ))
  }
}
