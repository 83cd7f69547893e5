import * as assert from 'uvu/assert'
import { MemoryStore } from '../../../broker/store/memory.ts'
import { blockHeaderBytes, sealBlock } from '../../../broker/wire/block.ts'
import { MillraceError } from '../../../broker/wire/errors.ts'
import { frame, frameHeaderBytes, frameTypes, sealFrame } from '../../../broker/wire/frame.ts'
import { bothVersions, turns, until, within } from '../../server/harness.ts'
import type { RawClient } from '../../server/raw-client.ts'
import { blockOf, blocksFrame, RawProducer } from '../../server/raw-streams.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: append sessions')

/** A store whose commits end when the test says so, one way or the other. */
class HeldStore extends MemoryStore {
  held = false
  readonly #waiting: ((error?: MillraceError) => void)[] = []

  override async append(commit: Uint8Array): Promise<number> {
    if (this.held) {
      const error = await new Promise<MillraceError | undefined>((resolve) => this.#waiting.push(resolve))
      if (error !== undefined) throw error
    }
    return super.append(commit)
  }

  get waiting(): number {
    return this.#waiting.length
  }

  release(error?: MillraceError): void {
    this.held = false
    for (const resolve of this.#waiting.splice(0)) resolve(error)
  }
}

async function session(client: RawClient, shards = 1): Promise<RawProducer> {
  await client.ask('PUT', '/v1/streams/s', { body: { shards } })
  return open(client)
}

async function open(client: RawClient): Promise<RawProducer> {
  const stream = client.open('/v1/streams/s/append', { headers: { 'content-type': 'application/vnd.millrace.frames' } })
  assert.is(await within(stream.status, 'an answer'), 200)
  assert.is(stream.headers['content-type'], 'application/vnd.millrace.frames')
  return new RawProducer(stream)
}

async function dataOf(client: RawClient, shard = 0): Promise<string[]> {
  const page = await client.ask('GET', `/v1/streams/s/records?shard=${shard}&limit=10000`)
  return (page.at('records') as { data: string }[]).map(({ data }) => Buffer.from(data, 'base64').toString())
}

bothVersions(
  test,
  'blocks of a shard are acknowledged in order, with the sequence and time of their first records',
  async (client, { clock }) => {
    const producer = await session(client, 2)
    const sent = Array.from({ length: 50 }, (_, i) => producer.append(i % 2, blockOf([`${i}a`, `${i}b`])))
    const outcomes = await Promise.all(sent)
    assert.equal(
      outcomes.map(({ base }) => base),
      Array.from({ length: 50 }, (_, i) => Math.floor(i / 2) * 2),
    )
    assert.ok(outcomes.every(({ time }) => time === clock.now()))
    for (const shard of [0, 1]) {
      assert.equal(
        producer.outcomes.map(({ block }) => block).filter((block) => block % 2 === shard),
        Array.from({ length: 25 }, (_, i) => 2 * i + shard),
      )
    }
    assert.equal((await dataOf(client)).slice(0, 4), ['0a', '0b', '2a', '2b'])
    await producer.finish()
    assert.equal([producer.drained, producer.failure, producer.outstanding], [false, undefined, 0])
  },
)

bothVersions(test, 'blocks of one frame are blocks of their own, and a frame may come byte by byte', async (client) => {
  const producer = await session(client)
  const several = await Promise.all(producer.appendAll(0, [blockOf(['a']), blockOf(['b', 'c']), blockOf(['d'])]))
  assert.equal(
    several.map(({ block, base }) => [block, base]),
    [
      [0, 0],
      [1, 1],
      [2, 3],
    ],
  )
  for (const byte of blocksFrame(0, blockOf(['slowly']))) {
    producer.stream.send(Uint8Array.of(byte))
    await turns(1)
  }
  await until(async () => (await dataOf(client)).length === 5, 'the last one is stored')
  producer.stream.cut()
})

bothVersions(
  test,
  'nothing is acknowledged before it is durable, and a reject may overtake an ack',
  async (client, { main }) => {
    const store = main.broker.logs.store as HeldStore
    const producer = await session(client)
    store.held = true
    const first = producer.append(0, blockOf(['a']))
    const second = producer.append(7, blockOf(['b']))
    assert.is((await second).error?.code, 'shard_not_found')
    await turns()
    assert.is(producer.outcomes.length, 1, 'the first is not answered yet')
    store.release()
    assert.is((await first).base, 0)
    assert.equal(
      producer.outcomes.map(({ block }) => block),
      [1, 0],
    )
    producer.stream.cut()
  },
  {},
  {
    get store() {
      return new HeldStore()
    },
  },
)

bothVersions(test, 'a block that is bad within its borders is rejected alone', async (client) => {
  const producer = await session(client)
  const flipped = blockOf(['damaged'])
  flipped[50] = (flipped[50] as number) ^ 1
  const counted = blockOf(['a', 'b'])
  counted[31] = 3
  const flagged = blockOf(['a'])
  flagged[28] = 1
  const large = blockOf([new Uint8Array(1024 * 1024)])
  // A record [key "", data "x"], which no writer of ours makes.
  const keyless = new Uint8Array([...new Uint8Array(blockHeaderBytes), 0x92, 0xa0, 0xc4, 1, 0x78])
  sealBlock(keyless, 1, 0, 0)
  const outcomes = await Promise.all([
    producer.append(0, blockOf(['good'])),
    producer.append(0, flipped),
    producer.append(0, counted),
    producer.append(0, large),
    producer.append(0, keyless),
    producer.append(0, blockOf(['good too'])),
  ])
  assert.equal(
    outcomes.map(({ base, error }) => base ?? error?.code),
    [0, 'block_crc', 'block_crc', 'record_too_large', 'block_malformed', 1],
  )
  assert.is(outcomes[1]?.error?.retryable, true)
  assert.match(outcomes[1]?.error?.fix ?? '', /send it again/)
  await producer.finish()
})

bothVersions(
  test,
  'what has no trustworthy borders ends the session, once what came before is answered',
  async (client) => {
    const broken: [string, () => Uint8Array][] = [
      ['block_malformed', () => blocksFrame(0, new Uint8Array(60))],
      ['block_malformed', () => blocksFrame(0, blockOf(['a']).subarray(0, 40))],
      ['block_malformed', () => blocksFrame(0, blockOf(['a']), Uint8Array.of(1, 2, 3))],
      ['block_version', () => blocksFrame(0, blockOf(['a']).fill(9, 2, 3))],
      ['frame_malformed', () => new Uint8Array(frameHeaderBytes).fill(0xff)],
      ['frame_malformed', () => sealed(blocksFrame(0, blockOf(['a'])), true)],
    ]
    for (const [code, bytes] of broken) {
      await client.ask('PUT', '/v1/streams/s')
      const producer = await open(client)
      const before = producer.append(0, blockOf(['before']))
      producer.stream.send(bytes())
      assert.is.not((await before).base, undefined)
      await within(producer.over, 'the session ends')
      assert.is(producer.failure?.code, code)
    }
  },
)

/** With the frame's own checksum, right or wrong. */
function sealed(bytes: Uint8Array, wrong = false): Uint8Array {
  sealFrame(bytes)
  if (wrong) bytes[0] = (bytes[0] as number) ^ 1
  return bytes
}

bothVersions(
  test,
  "a frame's checksum is checked where it is given, and frames of other types are skipped",
  async (client) => {
    const producer = await session(client)
    producer.stream.send(frame(200 as 1, 0, 0, Buffer.from('from the future')))
    producer.stream.send(frame(frameTypes.heartbeat, 0, 0, Buffer.from('{}')))
    producer.stream.send(frame(frameTypes.blocks, 0, 0, new Uint8Array(0)))
    assert.is((await producer.append(0, blockOf(['a']))).base, 0)
    producer.stream.send(sealed(blocksFrame(0, blockOf(['b']))))
    await until(async () => (await dataOf(client)).length === 2, 'the sealed one is stored')
    producer.stream.cut()
  },
)

bothVersions(
  test,
  'a block that is sent again, in the same session or the next, has the sequence it had',
  async (client) => {
    const producer = await session(client)
    const blocks = [0, 1, 2, 3].map((i) => blockOf([`${i}`, `${i}'`], 4711, i))
    for (const block of blocks) await producer.append(0, block)
    assert.is((await producer.append(0, blocks[2] as Uint8Array)).base, 4)
    producer.stream.cut()
    const second = await open(client)
    const again = await Promise.all(second.appendAll(0, blocks))
    assert.equal(
      again.map(({ base }) => base),
      [0, 2, 4, 6],
    )
    const skipped = await second.append(0, blockOf(['5'], 4711, 5))
    assert.equal([skipped.error?.code, skipped.error?.retryable], ['out_of_order', true])
    assert.equal(skipped.error?.details, { producer: 4711, sequence: 5, expected: 4 })
    assert.is((await second.append(0, blockOf(['4'], 4711, 4))).base, 8)
    assert.is((await dataOf(client)).length, 9)
    await second.finish()
  },
)

bothVersions(
  test,
  'a block under way that comes again over a second session is stored once, and both hear of it',
  async (client, { main }) => {
    const store = main.broker.logs.store as HeldStore
    const first = await session(client)
    const second = await open(client)
    store.held = true
    const block = blockOf(['once'], 99, 0)
    const one = first.append(0, block)
    await until(() => store.waiting === 1, 'it is being written')
    const other = second.append(0, block)
    await turns()
    store.release()
    assert.equal([(await one).base, (await other).base], [0, 0])
    assert.equal(await dataOf(client), ['once'])
    first.stream.cut()
    second.stream.cut()
  },
  {},
  {
    get store() {
      return new HeldStore()
    },
  },
)

bothVersions(
  test,
  'when a commit fails, all that was queued is rejected, and sent again it is stored once and in order',
  async (client, { main }) => {
    const store = main.broker.logs.store as HeldStore
    const producer = await session(client)
    store.held = true
    const blocks = [0, 1, 2].map((i) => blockOf([`${i}`], 5, i))
    const sent = [producer.append(0, blocks[0] as Uint8Array)]
    await until(() => store.waiting === 1, 'it is being written')
    sent.push(...producer.appendAll(0, blocks.slice(1)))
    await turns()
    store.release(new MillraceError('store_full', { reason: 'for this test' }))
    const rejected = await Promise.all(sent)
    assert.equal(
      rejected.map(({ error }) => [error?.code, error?.retryable]),
      Array(3).fill(['store_full', true]),
    )
    const again = await Promise.all(producer.appendAll(0, blocks))
    assert.equal(
      again.map(({ base }) => base),
      [0, 1, 2],
    )
    assert.equal(await dataOf(client), ['0', '1', '2'])
    await producer.finish()
  },
  {},
  {
    get store() {
      return new HeldStore()
    },
  },
)

bothVersions(test, 'a shard that was split refuses new blocks and still knows the old ones', async (client) => {
  const producer = await session(client)
  const old = blockOf(['old'], 1, 0)
  await producer.append(0, old)
  await client.ask('POST', '/v1/streams/s/split', { body: { shard: 0 } })
  for (const refused of await Promise.all([1, 2, 3].map((i) => producer.append(0, blockOf(['new'], 1, i))))) {
    assert.equal([refused.error?.code, refused.error?.retryable], ['shard_closed', true])
  }
  assert.is((await producer.append(0, old)).base, 0)
  assert.is((await producer.append(1, blockOf(['new'], 1, 0))).base, 0)
  await producer.finish()
})

bothVersions(
  test,
  'behind a rejected block the same producer gets nothing in until its number comes again',
  async (client) => {
    const producer = await session(client, 2)
    await client.ask('PATCH', '/v1/streams/s', { body: { recordBytesMax: 100 } })
    const large = 'x'.repeat(200)
    const sent = [
      producer.append(0, blockOf([large], 1, 0)),
      producer.append(0, blockOf([large], 2, 0)),
      producer.append(0, blockOf(['1'], 1, 1)),
      producer.append(0, blockOf(['1'], 2, 1)),
      producer.append(1, blockOf(['elsewhere'], 1, 0)),
      producer.append(0, blockOf(['0'], 1, 0)),
      producer.append(0, blockOf(['1'], 1, 1)),
      producer.append(0, blockOf(['2'], 2, 2)),
      producer.append(0, blockOf(['0'], 2, 0)),
    ]
    assert.equal(
      (await Promise.all(sent)).map(({ base, error }) => base ?? error?.code),
      ['record_too_large', 'record_too_large', 'out_of_order', 'out_of_order', 0, 0, 1, 'out_of_order', 2],
    )
    await producer.finish()
  },
)

bothVersions(
  test,
  'a stream that was deleted refuses blocks, and one that is not there has no sessions',
  async (client) => {
    const producer = await session(client)
    await client.ask('DELETE', '/v1/streams/s')
    assert.is((await producer.append(0, blockOf(['x']))).error?.code, 'stream_not_found')
    await producer.finish()
    const refused = client.open('/v1/streams/s/append')
    assert.is(await refused.status, 404)
    refused.cut()
  },
)

bothVersions(
  test,
  'a session that is cut inside a frame stores what came whole, and nothing else',
  async (client, { main }) => {
    const producer = await session(client)
    await producer.append(0, blockOf(['whole']))
    producer.stream.send(blocksFrame(0, blockOf(['half'])).subarray(0, 60))
    await turns()
    producer.stream.cut()
    await until(() => main.broker.longStreams === 0, 'the broker let go of it')
    assert.equal(await dataOf(client), ['whole'])
    const second = await open(client)
    second.stream.send(blocksFrame(0, blockOf(['half'])).subarray(0, 30))
    second.stream.finish()
    await within(second.over, 'the session ends')
    assert.is(second.failure?.code, 'frame_malformed', 'who ends inside a frame is told so')
  },
)

bothVersions(
  test,
  'a session that has too much under way is not read until some of it is durable',
  async (client, { main }) => {
    const store = main.broker.logs.store as HeldStore
    const producer = await session(client)
    store.held = true
    const count = 120
    const sent = Array.from({ length: count }, (_, i) => producer.append(0, blockOf(['x'.repeat(100_000)], 8, i)))
    await until(() => store.waiting === 1, 'the first are being written')
    for (let i = 0; i < 20; i++) await turns()
    const { inFlightBytes } = main.broker.logs.committer
    assert.ok(inFlightBytes > 1_000_000, `${inFlightBytes} bytes`)
    assert.ok(inFlightBytes < 6_000_000, `${inFlightBytes} bytes are in flight, of 12 MB that were sent`)
    store.release()
    const outcomes = await Promise.all(sent)
    assert.equal(
      outcomes.map(({ base }) => base),
      Array.from({ length: count }, (_, i) => i),
    )
    await producer.finish()
  },
  {},
  {
    get store() {
      return new HeldStore()
    },
    limits: { sessionInFlightBytesMax: 2_000_000 },
  },
)

bothVersions(
  test,
  'beyond what all sessions may have in flight, blocks are rejected as throttled',
  async (client, { main }) => {
    const store = main.broker.logs.store as HeldStore
    const producer = await session(client)
    store.held = true
    const sent = [0, 1, 2].map((i) => producer.append(0, blockOf(['x'.repeat(400_000)], 8, i)))
    const throttled = await (sent[2] as Promise<{ error: { code: string } | undefined }>)
    assert.is(throttled.error?.code, 'throttled')
    store.release()
    assert.equal([(await sent[0])?.base, (await sent[1])?.base], [0, 1])
    assert.is((await producer.append(0, blockOf(['again'], 8, 2))).base, 2)
    await producer.finish()
  },
  {},
  {
    get store() {
      return new HeldStore()
    },
    limits: { inFlightBytesMax: 1_000_000 },
  },
)

bothVersions(
  test,
  'unfinished frames together are bounded',
  async (client, { main }) => {
    await client.ask('PUT', '/v1/streams/s')
    const sessions = await Promise.all([open(client), open(client), open(client)])
    const half = blocksFrame(0, blockOf([new Uint8Array(800_000)])).subarray(0, 700_000)
    for (const each of sessions) each.stream.send(half)
    await within(Promise.race(sessions.map((each) => each.over)), 'one is ended')
    await turns()
    assert.equal(
      sessions.flatMap((each) => each.failure?.code ?? []),
      ['throttled'],
    )
    for (const each of sessions) each.stream.cut()
    await until(() => main.broker.longStreams === 0, 'all are gone')
    const fresh = await open(client)
    assert.is((await fresh.append(0, blockOf([new Uint8Array(900_000)]))).base, 0, 'what they held was given back')
    await fresh.finish()
  },
  {},
  { limits: { unfinishedBytesMax: 1_500_000 } },
)

bothVersions(
  test,
  'when the broker goes away, blocks that it took are answered, and then the session is told',
  async (client, { main }) => {
    const store = main.broker.logs.store as HeldStore
    const producer = await session(client)
    store.held = true
    const sent = [0, 1, 2].map((i) => producer.append(0, blockOf([`${i}`], 3, i)))
    await until(() => store.waiting === 1, 'the first is being written')
    await turns()
    const closing = main.close()
    await turns()
    assert.not(producer.drained)
    store.release()
    assert.equal(
      (await Promise.all(sent)).map(({ base }) => base),
      [0, 1, 2],
    )
    await within(producer.over, 'the session ends')
    assert.ok(producer.drained)
    await within(closing, 'closed')
  },
  {},
  {
    get store() {
      return new HeldStore()
    },
  },
)

test.run()
