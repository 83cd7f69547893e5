import { randomInt } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { kinesis } from '../../broker/api/kinesis/service.ts'
import { encodeAwsCbor } from '../../broker/wire/aws-cbor.ts'
import type { Channel, ChannelEvents } from '../../broker/wire/channel.ts'
import { fuzzedBroker } from './fuzzed-broker.ts'
import { claim } from './harness.ts'
import { Chance, damaged, MadeUp, odd } from './made-up.ts'

const test = suite('kinesis, hostile requests')
const requests = 20_000
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/a'
/** What means something to some operation, so that requests get further than the first check. */
const meaningful = [
  'a',
  'b',
  StreamARN,
  `${StreamARN}/consumer/c:1767225600`,
  'shardId-000000000000',
  'shardId-000000000001',
  '0',
  String(2n ** 127n),
  '49'.padEnd(56, '3'),
  'TRIM_HORIZON',
]
/** What fits a member of that name. */
const fitting: Readonly<Record<string, readonly unknown[]>> = {
  StreamName: ['a', 'b'],
  StreamARN: [StreamARN],
  ResourceARN: [StreamARN, `${StreamARN}/consumer/c:1767225600`],
  ConsumerName: ['c', 'd'],
  ShardId: ['shardId-000000000000', 'shardId-000000000001', 'shardId-2'],
  ShardToSplit: ['shardId-000000000000', 'shardId-000000000001', 'shardId-2', 'shardId-3'],
  ShardCount: [1, 2, 4],
  TargetShardCount: [1, 2, 3, 4],
  PartitionKey: ['k', 'é'],
  Data: ['', 'aGk=', Buffer.alloc(2_000, 1).toString('base64')],
  NewStartingHashKey: [String(2n ** 127n), String(2n ** 126n)],
  RetentionPeriodHours: [24, 48, 8_760],
  Limit: [1, 5],
  MaxResults: [1, 5],
}
/** A client that takes what is streamed to it, and goes away after a while. */
class Leaving implements Channel {
  #events: ChannelEvents | undefined

  listen(events: ChannelEvents): void {
    this.#events = events
    setImmediate(() => events.closed())
  }

  write(): boolean {
    return true
  }

  end(): void {
    this.#events?.end()
  }

  destroy(): void {
    // Closed by itself already.
  }

  pause(): void {
    // Nothing comes from it.
  }

  resume(): void {
    // Nothing comes from it.
  }
}

/** Bytes in use once all that nobody holds is collected. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

test(`${requests} requests made up and damaged, seed ${seed}: each is answered, none as a fault, and memory comes back`, async () => {
  const before = bytesInUse()
  const { broker, door, faults, rejections, stopWatching } = await fuzzedBroker({
    shardsPerStreamMax: 50,
    shardsPerAccountMax: 200,
  })
  const chance = new Chance(seed)
  const madeUp = new MadeUp(chance, { meaningful, fitting, needed: ['StreamName'] })
  const codes = new Map<string, number>()
  const call = async (target: string, type: string, body: Uint8Array) => {
    const answer = await door.answer({
      method: 'POST',
      url: '/',
      headers: { 'content-type': type, 'x-amz-target': target, authorization: claim('kinesis') },
      authority: 'localhost',
      secure: false,
      body: async () => body,
      signal: new AbortController().signal,
    })
    if (typeof answer.body === 'function') answer.body(new Leaving())
    return answer
  }
  for (let i = 0; i < requests; i++) {
    const operation = chance.one(kinesis.operations)
    const input = madeUp.input(operation.input)
    const cbor = chance.is(0.2)
    const encoded = cbor ? encodeAwsCbor(input) : Buffer.from(JSON.stringify(input))
    const body = chance.is(0.15) ? damaged(encoded, chance) : encoded
    const name = chance.is(0.02) ? chance.one(odd) : operation.name
    const answer = await call(
      `Kinesis_20131202.${name}`,
      cbor ? 'application/x-amz-cbor-1.1' : 'application/x-amz-json-1.1',
      body,
    )
    const code = `${answer.status} ${answer.headers['x-amzn-errortype'] ?? ''}`
    codes.set(code, (codes.get(code) ?? 0) + 1)
    assert.ok(
      answer.status === 200 || answer.status === 400,
      `${operation.name}: ${code}: ${JSON.stringify(input).slice(0, 500)}`,
    )
    // Iterators and numbers that were given out are tried again, in the right place and in wrong ones.
    const said =
      answer.status === 200 && typeof answer.body !== 'function' ? Buffer.from(answer.body).toString('latin1') : ''
    const given = /"(?:ShardIterator|NextShardIterator|SequenceNumber|NextToken|ConsumerARN)":"([^"]+)"/.exec(said)?.[1]
    if (given !== undefined) madeUp.note(given)
    if (chance.is(0.01)) await broker.advance(chance.below(400_000))
  }
  stopWatching()
  assert.equal(rejections, [])
  assert.equal(faults, [])
  if (process.env['FUZZ_SEED'] !== undefined) console.log(JSON.stringify([...codes]))
  assert.ok((codes.get('200 ') ?? 0) > requests / 20, `enough of them succeed: ${JSON.stringify([...codes])}`)
  const still = await call('Kinesis_20131202.ListStreams', 'application/x-amz-json-1.1', Buffer.from('{}'))
  assert.is(still.status, 200)
  assert.is(broker.longStreams, 0)
  assert.is(broker.logs.committer.inFlightBytes, 0)
  await broker.close()
  const kept = bytesInUse() - before
  assert.ok(kept < 20_000_000, `${kept} bytes are kept`)
})

test.run()
