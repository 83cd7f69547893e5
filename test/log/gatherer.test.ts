import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { GatherSink } from '../../broker/log/gatherer.ts'
import { blocksOf } from '../../broker/wire/block.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { framesOf } from '../../broker/wire/frame.ts'
import { inMemory } from './harness.ts'

const test = suite('gatherer')

/** Remembers what became of what. */
function listening(): GatherSink & { heard: string[]; all(count: number): Promise<void> } {
  let enough: { count: number; resolve: () => void } | undefined
  const heard: string[] = []
  const hear = (text: string) => {
    heard.push(text)
    if (enough !== undefined && heard.length >= enough.count) enough.resolve()
  }
  return {
    heard,
    all: (count) =>
      new Promise((resolve) => {
        enough = { count, resolve }
        if (heard.length >= count) resolve()
      }),
    stored: (place, shard, sequence) => hear(`${place}: ${shard.number}/${sequence}`),
    failed: (place, error) => hear(`${place}: ${error.code}`),
  }
}

test('what many callers bring in one turn is one block a shard, and each hears where its own is', () =>
  inMemory(async ({ logs, streams }) => {
    const { log } = await streams.create('s', { shards: 2 })
    const [one, other] = [listening(), listening()]
    const data = new Uint8Array(10)
    logs.gatherer.add(log.shard(0), 'a', data, one, 7)
    logs.gatherer.add(log.shard(1), 'b', data, one, 8)
    logs.gatherer.add(log.shard(0), 'c', data, other, 9)
    const before = logs.committer.commits
    await Promise.all([one.all(2), other.all(1)])
    assert.equal(one.heard, ['7: 0/0', '8: 1/0'])
    assert.equal(other.heard, ['9: 0/1'])
    assert.is(logs.committer.commits, before + 1)
    const run = log.shard(0).tail.find(0)
    const blocks = [...framesOf(run?.frame ?? data)].flatMap((frame) => [...blocksOf(frame.payload)])
    assert.equal(
      blocks.map(({ header }) => header.count),
      [2],
    )
  }))

test('blocks are cut near 1 MiB', () =>
  inMemory(async ({ logs, streams }) => {
    const { log } = await streams.create('s')
    const sink = listening()
    const data = new Uint8Array(300_000)
    for (let i = 0; i < 10; i++) logs.gatherer.add(log.shard(0), 'k', data, sink, i, 3_000_000)
    await sink.all(10)
    const run = log.shard(0).tail.find(0)
    const blocks = [...framesOf(run?.frame ?? data)].flatMap((frame) => [...blocksOf(frame.payload)])
    assert.equal(
      blocks.map(({ header }) => header.count),
      [3, 3, 3, 1],
    )
    assert.equal(
      sink.heard,
      Array.from({ length: 10 }, (_, i) => `${i}: 0/${i}`),
    )
  }))

test('memory that is used again never shows in what was stored before, or is stored after', () =>
  inMemory(async ({ logs, streams }) => {
    const stream = await streams.create('s', { shards: 3 })
    const sent: string[] = []
    for (let round = 0; round < 30; round++) {
      const sink = listening()
      const count = 1 + ((round * 7) % 11)
      for (let i = 0; i < count; i++) {
        const text = `${round}/${i} ${'x'.repeat((round * 977 + i * 131) % 9_000)}`
        logs.gatherer.add(stream.log.shard(i % 3), 'k', Buffer.from(text), sink, i)
        sent.push(text)
      }
      await sink.all(count)
    }
    const pages = [0, 1, 2].map((shard) => stream.read(shard, 'horizon', { recordsMax: 1_000, bytesMax: 10_000_000 }))
    const read = (await Promise.all(pages)).flatMap(({ records }) =>
      records.map(({ data }) => Buffer.from(data).toString()),
    )
    assert.equal(read.sort(), sent.sort())
  }))

test('a shard that is split meanwhile refuses them, and a log that closes too; nobody waits for ever', () =>
  inMemory(async ({ logs, streams }) => {
    const stream = await streams.create('s')
    const sink = listening()
    const splitting = stream.split(0)
    logs.gatherer.add(stream.log.shard(0), 'k', new Uint8Array(1), sink, 1)
    await splitting
    await sink.all(1)
    assert.equal(sink.heard, ['1: shard_closed'])
    logs.gatherer.add(stream.log.shard(1), 'k', new Uint8Array(1), sink, 2)
    await logs.close()
    assert.equal(sink.heard, ['1: shard_closed', '2: draining'])
  }))

test('a commit that fails fails them, with what it failed of', () =>
  inMemory(async ({ logs, streams, store }) => {
    const { log } = await streams.create('s')
    const sink = listening()
    const append = store.append.bind(store)
    store.append = async () => {
      throw new MillraceError('store_full', { reason: 'test' })
    }
    logs.gatherer.add(log.shard(0), 'k', new Uint8Array(1), sink, 1)
    await sink.all(1)
    store.append = append
    logs.gatherer.add(log.shard(0), 'k', new Uint8Array(1), sink, 2)
    await sink.all(2)
    assert.equal(sink.heard, ['1: store_full', '2: 0/0'])
  }))

test.run()
