import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Broker } from '../../broker/broker.ts'
import { ManualClock } from '../../broker/clock.ts'
import { Main, type MainOptions } from '../../broker/main.ts'
import type { BindingRecord, RouteBinding, RouteDelivery } from '../../broker/wire/binding.ts'
import type { OutgoingDelivery } from '../../broker/wire/outgoing-delivery.ts'
import { suite } from '../suite.ts'
import { until } from './harness.ts'

const test = suite('routes')

const quick: RouteDelivery = {
  ageMillisMax: null,
  retry: [{ tries: 2, delayMillisMin: 1_000, delayMillisMax: 1_000, curve: 'linear' }],
  atOnce: 2,
}

async function withMain(work: (main: Main) => Promise<void>, options: MainOptions = { memory: true }): Promise<void> {
  const main = await Main.start(options)
  try {
    await work(main)
  } finally {
    await main.close()
  }
}

/** An endpoint; `answer` says what each request gets, undefined for nothing at all. */
async function withEndpoint(
  answer: (body: string, path: string) => number | undefined,
  work: (url: string, got: string[]) => Promise<void>,
): Promise<void> {
  const got: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      got.push(body)
      const status = answer(body, request.url ?? '')
      if (status !== undefined) response.writeHead(status, status === 302 ? { location: '/else' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, got)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

function route(broker: Broker, name: string, target: BindingRecord['target'], settings: Partial<BindingRecord> = {}) {
  return broker.bindings.create({
    name,
    source: {
      kind: 'bus',
      name: 'b',
      route: name,
      queue: `~${name}`,
      arn: `arn:aws:events:x:000000000000:rule/${name}`,
    },
    filter: [],
    batch: { recordsMax: 1, windowMillis: 0, parallel: 1, partial: false },
    target,
    retry: { retriesMax: null, ageMillisMax: null, bisect: false },
    delivery: quick,
    paused: false,
    region: 'us-east-1',
    account: '000000000000',
    ...settings,
  }) as Promise<RouteBinding>
}

async function publish(broker: Broker, to: RouteBinding, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    const publication = broker.publications.begin()
    const more: Partial<OutgoingDelivery> = { time: broker.clock.now() }
    publication.toHidden(to, { id: text, payload: Buffer.from(text), time: 0, ...more })
    await publication.commit()
  }
}

/** Whether what a queue holds is hidden for a while. */
function isDelayed({ queues, clock }: Broker, queue: string): boolean {
  const held = [...(queues.hidden(queue)?.state.held.values() ?? [])]
  return held.length > 0 && held.every(({ visibleAt }) => visibleAt > clock.now() && visibleAt <= clock.now() + 1_000)
}

async function lettersIn(broker: Broker, queue: string) {
  const signal = new AbortController().signal
  return broker.queues.get(queue).receive({ max: 10, waitMillis: 0, signal })
}

test('a function gets it once it is on disk, and the route holds nothing then', () =>
  withMain(async (main) => {
    const { broker } = main
    const seen: unknown[] = []
    await main.handle('f', (event) => void seen.push(event))
    const to = await route(broker, 'r', { kind: 'function', function: 'f' })
    await publish(broker, to, '1', '2')
    await until(() => seen.length === 2)
    await until(() => broker.bindings.describe(to).lag === 0 && broker.bindings.status('r')?.lastResult === 'OK')
    assert.equal(seen.sort(), [1, 2])
  }))

test('what fails is tried again by the schedule, by the clock of the broker, and then given up with the reason', async () => {
  const clock = new ManualClock()
  await withEndpoint(
    () => 500,
    (url, got) =>
      withMain(
        async ({ broker }) => {
          await broker.queues.create('failed')
          const to = await route(broker, 'r', { kind: 'http', url }, { deadLetter: { kind: 'queue', queue: 'failed' } })
          await publish(broker, to, 'x')
          for (const tries of [1, 2, 3]) {
            await until(() => got.length === tries)
            // It is hidden, and the next try waits for the clock, or it was the last one.
            await until(() => tries === 3 || isDelayed(broker, '~r'))
            assert.is(got.length, tries)
            await clock.advance(1_000)
          }
          const letters: Awaited<ReturnType<typeof lettersIn>> = []
          await until(async () => letters.push(...(await lettersIn(broker, 'failed'))) > 0)
          const [letter] = letters
          assert.is(Buffer.from(letter?.body ?? []).toString(), 'x')
          const attributes = Object.fromEntries(
            Object.entries(letter?.attributes ?? {}).map(([name, { value }]) => [name, value]),
          )
          assert.equal(
            [
              attributes['RULE_ARN'],
              attributes['TARGET_ARN'],
              attributes['ERROR_CODE'],
              attributes['EXHAUSTED_RETRY_CONDITION'],
              attributes['RETRY_ATTEMPTS'],
            ],
            ['arn:aws:events:x:000000000000:rule/r', url, '500', 'MaximumRetryAttempts', '2'],
          )
          await until(() => broker.bindings.describe(to).lag === 0)
        },
        { memory: true, clock },
      ),
  )
})

test('what is too old is given up, and what the endpoint will never take is given up at once', async () => {
  const clock = new ManualClock()
  await withEndpoint(
    (body) => (body === 'never' ? 410 : 500),
    (url, got) =>
      withMain(
        async ({ broker }) => {
          await broker.queues.create('failed')
          const delivery = { ...quick, ageMillisMax: 500 }
          const deadLetter = { kind: 'queue', queue: 'failed' } as const
          const to = await route(broker, 'r', { kind: 'http', url }, { delivery, deadLetter })
          await publish(broker, to, 'never', 'old')
          const letters = new Map<string, string | undefined>()
          await until(async () => {
            for (const { body, attributes } of await lettersIn(broker, 'failed')) {
              letters.set(Buffer.from(body).toString(), attributes?.['EXHAUSTED_RETRY_CONDITION']?.value as string)
            }
            return letters.size === 2
          })
          assert.is(letters.get('never'), undefined)
          assert.is(letters.get('old'), 'MaximumEventAgeInSeconds')
          assert.is(got.length, 2)
        },
        { memory: true, clock },
      ),
  )
})

test('an endpoint that hangs, redirects or never ends its answer slows no other', () =>
  withEndpoint(
    (_, path) => (path === '/hang' ? undefined : path === '/away' ? 302 : 200),
    (url, got) =>
      withMain(async ({ broker }) => {
        const hanging = await route(
          broker,
          'hanging',
          { kind: 'http', url: `${url}hang` },
          { delivery: { ...quick, answerMillisMax: 200 } },
        )
        const away = await route(broker, 'away', { kind: 'http', url: `${url}away` })
        const fine = await route(broker, 'fine', { kind: 'http', url })
        await publish(broker, hanging, 'h1', 'h2', 'h3')
        await publish(broker, away, 'a')
        await publish(broker, fine, '1', '2', '3', '4', '5')
        await until(
          () => broker.bindings.describe(fine).lag === 0 && broker.bindings.status('fine')?.lastResult === 'OK',
        )
        await until(() => /302/.test(broker.bindings.status('away')?.lastError ?? ''))
        await until(() => /Timeout/.test(broker.bindings.status('hanging')?.lastError ?? ''))
        assert.is(got.filter((body) => body === 'a').length, 1)
        assert.ok(broker.bindings.describe(hanging).lag > 0)
      }),
  ))

test('a restart goes on with the tries where they were', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    let status = 500
    await withEndpoint(
      () => status,
      async (url, got) => {
        const slow = {
          ...quick,
          retry: [
            { tries: 1, delayMillisMin: 1, delayMillisMax: 1, curve: 'linear' as const },
            { tries: 5, delayMillisMin: 300, delayMillisMax: 300, curve: 'linear' as const },
          ],
        }
        await withMain(
          async ({ broker }) => {
            const to = await route(broker, 'r', { kind: 'http', url }, { delivery: slow })
            await publish(broker, to, 'x')
            await until(() => got.length === 2)
          },
          { data },
        )
        status = 200
        await withMain(
          async ({ broker }) => {
            await until(() => broker.bindings.status('r')?.lastResult === 'OK')
            await until(() => broker.bindings.describe(broker.bindings.get('r')).lag === 0)
            assert.is(got.length, 3)
          },
          { data },
        )
      },
    )
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test('no more deliveries are begun than a second may have', async () => {
  const clock = new ManualClock()
  await withEndpoint(
    () => 200,
    (url, got) =>
      withMain(
        async ({ broker }) => {
          const to = await route(broker, 'r', { kind: 'http', url }, { delivery: { ...quick, perSecond: 2 } })
          await publish(broker, to, '1', '2', '3')
          await until(() => got.length === 1 && broker.bindings.describe(to).lag === 2)
          await clock.advance(500)
          await until(() => got.length === 2 && broker.bindings.describe(to).lag === 1)
          await clock.advance(500)
          await until(() => got.length === 3)
        },
        { memory: true, clock },
      ),
  )
})

test.run()
