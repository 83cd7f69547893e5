import * as assert from 'uvu/assert'
import type { Operation } from '../../broker/api/operation.ts'
import type { Channel } from '../../broker/wire/channel.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { frameTypes, jsonPayload } from '../../broker/wire/frame.ts'
import { suite } from '../suite.ts'
import { bothVersions, type Door, until, within } from './harness.ts'
import type { FrameStream, RawClient } from './raw-client.ts'

const test = suite('operations that fail')
const boom = () => {
  throw new TypeError('boom')
}
const stream = (path: string, takes: 'body' | 'channel', start: (channel: Channel) => void): Operation => ({
  method: 'POST',
  path,
  takes,
  prepare: () => start,
})

/** A channel's user that throws at what `at` names, and echoes what comes. */
const listening = (at?: 'data' | 'end' | 'closed') => (channel: Channel) => {
  channel.listen({
    data: (chunk) => (at === 'data' ? boom() : channel.write(chunk)),
    end: () => (at === 'end' ? boom() : channel.end()),
    drain: () => undefined,
    closed: () => at === 'closed' && boom(),
  })
  channel.resume()
}

const operations: Operation[] = [
  { method: 'GET', path: '/throws', run: boom },
  {
    method: 'GET',
    path: '/rejects',
    run: () => Promise.reject(new MillraceError('store_corrupt', { commit: 7, reason: 'x' })),
  },
  { method: 'GET', path: '/answers-what-cannot-be-said', run: () => ({ body: { big: 2n } }) },
  { method: 'POST', path: '/prepare', takes: 'channel', prepare: boom },
  stream('/start', 'channel', boom),
  stream('/refuse', 'body', () => {
    throw new MillraceError('draining')
  }),
  stream('/echo', 'channel', listening()),
  stream('/data', 'channel', listening('data')),
  stream('/end', 'channel', listening('end')),
  stream('/closed', 'channel', listening('closed')),
]

function failing(name: string, body: (client: RawClient, door: Door) => Promise<void>): void {
  bothVersions(
    test,
    name,
    async (client, door) => {
      await body(client, door)
      assert.is((await client.ask('GET', '/healthz')).status, 200, 'the broker lives on')
    },
    {},
    { operations },
  )
}

/** Takes the one fault that was reported. */
function fault({ faults }: Door): string {
  assert.is(faults.length, 1)
  return String(faults.pop())
}

failing('an operation that throws is answered 500, and the fault is reported', async (client, door) => {
  for (const path of ['/throws', '/answers-what-cannot-be-said']) {
    const answer = await client.ask('GET', path)
    assert.equal([answer.status, answer.at('code')], [500, 'internal'])
    assert.match(fault(door), /TypeError/)
  }
  const known = await client.ask('GET', '/rejects')
  assert.equal([known.status, known.at('code')], [503, 'store_corrupt'])
})

failing(
  'a long stream that fails before its answer is refused, and one that fails after is told within',
  async (client, door) => {
    const refused = client.open('/prepare')
    assert.is(await refused.status, 500)
    assert.match(fault(door), /boom/)
    const failed = client.open('/start')
    assert.is(await failed.status, 200)
    assert.is(await errorIn(failed), 'internal')
    assert.match(fault(door), /boom/)
    const told = client.open('/refuse', { body: {} })
    assert.is(await told.status, 200)
    assert.is(await errorIn(told), 'draining')
    for (const each of [refused, failed, told]) each.cut()
  },
)

async function errorIn(stream: FrameStream): Promise<unknown> {
  const frame = await within(stream.next(), 'a frame')
  assert.is(frame?.type, frameTypes.error)
  return (jsonPayload(frame?.payload ?? new Uint8Array(0)) as { code: string }).code
}

failing('a long stream whose user throws is broken off, alone', async (client, door) => {
  const other = client.open('/echo')
  await other.status
  for (const path of ['/data', '/end', '/closed']) {
    const each = client.open(path)
    assert.is(await each.status, 200)
    if (path === '/data') each.send(Buffer.alloc(20))
    else if (path === '/end') each.finish()
    else each.cut()
    await until(() => door.faults.length === 1, `${path} fails`)
    assert.match(fault(door), /boom/)
    await within(
      each.ended.catch(() => undefined),
      'it ends',
    )
  }
  other.send(Buffer.alloc(20))
  assert.is((await within(other.next(), 'an echo'))?.type, 0)
  other.finish()
  await within(other.ended, 'it ends')
})

test.run()
