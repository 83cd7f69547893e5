import * as assert from 'uvu/assert'
import { sealBlock } from '../../broker/wire/block.ts'
import { frameHeaderBytes, sealFrame } from '../../broker/wire/frame.ts'
import { effort, Random } from '../random.ts'
import { until, within } from '../server/harness.ts'
import { Http2Client } from '../server/raw-client.ts'
import { blockOf, blocksFrame, RawProducer } from '../server/raw-streams.ts'
import { suite } from '../suite.ts'
import { http1Corpus } from './http1-requests.ts'
import { corpus, floods, hello } from './http2-frames.ts'
import { besieged } from './siege.ts'

const test = suite('hostile clients')

/** Runs `work` on each of `items`, some at once. */
async function each<T>(items: Iterable<T>, work: (item: T) => Promise<void>, atOnce = 60): Promise<void> {
  const left = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

test('what is almost a request of HTTP/1.1 is answered or hung up on', () =>
  besieged(async ({ attack }) => {
    const statuses = new Map<string, number>()
    await each(http1Corpus(new Random(), 300 * effort), async (bytes) => {
      const said = (await attack(bytes)).toString('latin1')
      assert.match(said, /^(HTTP\/1\.1 [1-5]\d\d |$)/, 'what is said is HTTP')
      const status = said.slice(9, 12) || 'none'
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    })
    console.log([...statuses].map(([status, count]) => `${status}: ${count}`).join(', '))
    assert.not(statuses.has('500'), 'no fault is provoked')
    assert.ok(statuses.has('400') && statuses.has('431') && statuses.has('404'))
  }))

test('what is almost HTTP/2 is answered by frames or hung up on', () =>
  besieged(async ({ attack }) => {
    let goaways = 0
    await each(corpus(new Random(), 300 * effort), async ({ name, bytes }) => {
      const said = await attack(bytes)
      assert.ok(said.length === 0 || said[3] === 4, `${name}: what is said is HTTP/2`)
      if (said.includes(Buffer.from([7, 0, 0, 0, 0, 0]))) goaways++
    })
    console.log(`${goaways} of them were sent away`)
    assert.ok(goaways > 20)
  }))

test('floods of what is cheap to send are stopped or served, and leave nothing behind', () =>
  besieged(async ({ attack }) => {
    await each(
      Object.entries(floods),
      async ([, make]) => {
        const parts = [hello()]
        for (let i = 0; i < 20_000; i += 100) {
          parts.push(Buffer.concat(Array.from({ length: 100 }, (_, place) => make(i + place))))
        }
        await attack(parts)
      },
      2,
    )
  }))

test('a client that grants no window gets its streams and holds up nobody', () =>
  besieged(async ({ attack }) => {
    const { asking, frame } = await import('./http2-frames.ts')
    const requests = Array.from({ length: 900 }, (_, i) => frame(1, 5, 2 * i + 1, asking('GET', '/v1/streams/witness')))
    await each(Array.from({ length: 6 }), async () => {
      await attack([hello([4, 0]), Buffer.concat(requests)])
    })
  }))

test('blocks and frames that are damaged in any way are refused, and what is stored can be read', () =>
  besieged(async ({ url }) => {
    const random = new Random()
    const client = new Http2Client(url)
    await client.ask('PUT', '/v1/streams/hostile')
    const codes = new Map<string, number>()
    await each(Array.from({ length: 300 * effort }), async () => {
      const producer = new RawProducer(client.open('/v1/streams/hostile/append'))
      producer.stream.send(damaged(random))
      if (random.oneIn(3)) producer.stream.send(random.bytes(random.below(100)))
      producer.stream.finish()
      await within(producer.over, 'the session ends')
      for (const { error } of producer.outcomes) count(codes, error?.code ?? 'stored')
      if (producer.failure !== undefined) count(codes, `session: ${producer.failure.code}`)
    })
    console.log([...codes].map(([code, times]) => `${code}: ${times}`).join(', '))
    assert.not(codes.has('internal') || codes.has('session: internal'))
    for (const code of [
      'stored',
      'block_crc',
      'block_malformed',
      'session: frame_malformed',
      'session: block_malformed',
    ]) {
      assert.ok(codes.has(code), code)
    }
    let next: unknown = 0
    for (let read = 1; read > 0; ) {
      const page = await client.ask('GET', `/v1/streams/hostile/records?from=${next}&limit=1000`)
      assert.is(page.status, 200)
      read = (page.at('records') as unknown[]).length
      next = page.at('next')
    }
    const described = await client.ask('GET', '/v1/streams/hostile')
    assert.is(described.at('shards', 0, 'next'), next)
    client.close()
  }))

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** A frame of one to three blocks with something wrong: a byte, the end, the count; sums may be right for what is wrong. */
function damaged(random: Random): Uint8Array {
  const blocks = Array.from({ length: random.between(1, 3) }, () => {
    const block = blockOf(
      Array.from({ length: random.between(1, 5) }, () => Buffer.from(random.bytes(random.below(40)))),
      random.pick([0, 7]),
      random.below(5),
    )
    const kind = random.below(4)
    if (kind === 0) block[random.below(block.length)] = random.below(256)
    if (kind === 1) {
      block[random.between(48, block.length - 1)] = random.below(256)
      sealBlock(block, random.pick([1, 2, 5, 65_535]), random.pick([0, 2 ** 52]), 0)
    }
    if (kind === 2) return block.subarray(0, random.between(1, block.length))
    return block
  })
  const bytes = blocksFrame(random.pick([0, 0, 0, 1, 2 ** 32 - 1]), ...blocks)
  if (random.oneIn(4)) sealFrame(bytes)
  if (random.oneIn(6)) bytes[random.below(frameHeaderBytes)] = random.below(256)
  return random.oneIn(6) ? bytes.subarray(0, random.between(1, bytes.length)) : bytes
}

test('bodies that are small to send and large to hold are refused', () =>
  besieged(async ({ url }) => {
    const client = new Http2Client(url)
    await client.ask('PUT', '/v1/streams/hostile')
    const megabytes = 15 * 1024 * 1024
    const json = { 'content-type': 'application/json' }
    const packed = { 'content-type': 'application/msgpack' }
    const records = (inner: string) => `{"records":[{"key":"k","json":${inner}}]}`
    const bombs: [string, Record<string, string>, Uint8Array | string][] = [
      ['JSON of brackets', json, '['.repeat(megabytes)],
      ['JSON of closed brackets', json, '['.repeat(megabytes / 2) + ']'.repeat(megabytes / 2)],
      ['JSON of objects', json, '{"a":'.repeat(megabytes / 5)],
      ['JSON nested in a record', json, records('['.repeat(5_000) + ']'.repeat(5_000))],
      ['JSON nested in a large record', json, records('['.repeat(500_000) + ']'.repeat(500_000))],
      ['JSON of a number', json, '9'.repeat(megabytes)],
      ['JSON of a prototype', json, '{"__proto__": {"records": [{"key": "k", "text": "x"}]}}'],
      ['JSON of a constructor', json, '{"constructor": {"prototype": {"polluted": 1}}}'],
      ['JSON of text without an end', json, `"${'x'.repeat(megabytes)}`],
      ['JSON of many records', json, `{"records":[${'{"key":"k","text":""},'.repeat(20_000)}{}]}`],
      ['MessagePack of arrays', packed, Buffer.alloc(megabytes, 0x91)],
      ['MessagePack of maps', packed, Buffer.alloc(megabytes, 0x81)],
      ['MessagePack of four billion values', packed, Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0])],
      ['MessagePack of four billion pairs', packed, Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff, 0xc0])],
      ['MessagePack of a text of four gigabytes', packed, Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff, 0x61])],
      [
        'MessagePack of many values',
        packed,
        Buffer.concat([Buffer.from([0xdd, 0, 0xe0, 0, 0]), Buffer.alloc(0xe00000, 0xc0)]),
      ],
      ['MessagePack of an extension', packed, Buffer.from([0xc7, 0x10, 0x72, ...new Array(16).fill(0)])],
      ['MessagePack of a record definition', packed, Buffer.from([0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01])],
      ['MessagePack of a prototype', packed, Buffer.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x80])],
      ['more than is taken', json, ' '.repeat(17 * 1024 * 1024)],
    ]
    for (const [name, headers, raw] of bombs) {
      const answer = await within(client.ask('POST', '/v1/streams/hostile/records', { raw, headers }), name)
      assert.ok(answer.status === 400 || answer.status === 413, `${name}: ${answer.status} ${answer.at('message')}`)
      assert.is.not(answer.at('code'), 'internal')
    }
    const whole = await client.ask('GET', '/v1/streams/hostile/records')
    assert.equal(whole.at('records'), [], 'nothing of it was stored')
    client.close()
  }))

test('clients that hang up at any moment leave nothing behind', () =>
  besieged(async ({ url }) => {
    const random = new Random()
    const control = new Http2Client(url)
    await control.ask('PUT', '/v1/streams/hostile', { body: { shards: 4 } })
    await each(Array.from({ length: 200 * effort }), async () => {
      const client = new Http2Client(url)
      for (let i = random.between(1, 5); i > 0; i--) act(client, random)
      const moments = random.below(20)
      for (let i = 0; i < moments; i++) await new Promise((resolve) => setImmediate(resolve))
      client.close()
      await within(new Promise((resolve) => client.session.once('close', resolve)), 'the connection is closed')
    })
    await until(async () => (await control.ask('GET', '/v1/inspect')).at('longStreams') === 1, "the witness's is left")
    control.close()
  }))

/** Begins something that is not waited for. */
function act(client: Http2Client, random: Random): void {
  const path = '/v1/streams/hostile'
  const begin = random.pick([
    () => client.open(`${path}/subscribe`, { body: {} }).status,
    () => {
      const stream = client.open(`${path}/append`)
      const bytes = blocksFrame(random.below(4), blockOf(['x'.repeat(random.below(5_000))]))
      stream.send(bytes.subarray(0, random.between(1, bytes.length)))
      return stream.status
    },
    () =>
      client.ask('POST', `${path}/records`, {
        body: { records: [{ key: 'k', text: 'x'.repeat(random.below(50_000)) }] },
      }),
    () => client.ask('GET', `${path}/records?shard=${random.below(4)}`),
    () =>
      client.ask('PUT', `${path}/groups/g/members/m${random.below(9)}`, { body: { waitMillis: 5_000, version: 99 } }),
  ])
  ;(begin() as Promise<unknown>).catch(() => undefined)
}

test.run()
