import { createHash } from 'node:crypto'
import { crc32 as zlibCrc32 } from 'node:zlib'
import { pack, unpack } from 'msgpackr'
import { Bench as Tinybench } from 'tinybench'
import { crc32 } from '#crc32'
import { GrowingEntryTable } from '../../broker/log/entry-table.ts'
import { checkBlockCrc, readBlockHeader } from '../../broker/wire/block.ts'
import { crc32 as plainCrc32 } from '../../broker/wire/crc32.ts'
import { FrameSplitter, frame, frameTypes } from '../../broker/wire/frame.ts'
import { evenRanges, HashRouter } from '../../broker/wire/hash-range.ts'
import { md5 } from '../../broker/wire/md5.ts'
import { BlockWriter, BodyReader, checkBody } from '../../broker/wire/record.ts'
import { viewOf } from '../../broker/wire/u64.ts'
import type { Bench, Contestant } from '../bench.ts'
import { partitionKeys, payloads } from '../load.ts'
import type { Scenario } from '../scenario.ts'

const keys = partitionKeys(1_000)
const records = 500
const recordBytes = 128
const shards = 1_000
const entries = 200_000
const splitterFrames = 1_000

/** The hot paths' parts, each alone; beside each, where there is one, what else one could have used. */
export const micro: Scenario = {
  name: 'micro',
  about: 'the parts of the hot path, each alone: block codec, CRC, key hash, routing, index, frames',
  rivals: [],
  targets: [],
  async run(bench) {
    introduce(bench)
    for (const bytes of [64, 256, 1024, 64 * 1024]) await bench.compare(`crc32 of ${bytes} B`, crcs(bench, bytes))
    await bench.compare('hash of a partition key', hashes(bench))
    await bench.compare(`shard of a key among ${shards}`, routing(bench))
    await bench.compare(`one of ${records} records of ${recordBytes} B in a block, packed`, packing(bench))
    await bench.compare(`one of ${records} records of ${recordBytes} B in a block, checked`, checking(bench))
    await bench.compare(`one of ${records} records of ${recordBytes} B in a block, read`, reading(bench))
    await bench.compare(`a run found in an index of ${entries}`, finding(bench))
    await bench.compare('one frame of 148 B cut from a stream of 64 KiB chunks', splitting(bench))
  },
}

function introduce(bench: Bench): void {
  const node = `node ${process.versions.node}`
  bench.introduce({ name: 'millrace', version: 'this commit', durability: 'in memory' })
  bench.introduce({ name: 'native', version: `node:zlib, node:crypto of ${node}`, durability: 'in memory' })
  bench.introduce({ name: 'plain', version: 'the JavaScript that browsers get', durability: 'in memory' })
  bench.introduce({ name: 'msgpackr', version: 'one array of the same records', durability: 'in memory' })
}

/** Measures `run`, which does its work `count` times, with tinybench; the figure is nanoseconds for once. */
function timed(bench: Bench, name: string, count: number, run: () => unknown): Contestant {
  return {
    name,
    async measure() {
      const tinybench = new Tinybench({ time: bench.size(300, 5), warmupTime: bench.size(100, 0) })
      tinybench.add(name, run)
      await tinybench.run()
      const result = tinybench.tasks[0]?.result
      if (result?.state !== 'completed') throw new Error(`${name} did not complete: it is ${result?.state}`)
      return [{ metric: 'time', unit: 'ns', value: (result.latency.p50 * 1e6) / count }]
    },
  }
}

function repeat(count: number, once: (i: number) => unknown): () => unknown {
  return () => {
    let last: unknown
    for (let i = 0; i < count; i++) last = once(i)
    return last
  }
}

function crcs(bench: Bench, bytes: number): Contestant[] {
  const data = payloads(bytes)
  const count = Math.max(10, Math.floor(65_536 / bytes))
  const each = (crc: (bytes: Uint8Array) => number) => repeat(count, (i) => crc(data[i % data.length] as Uint8Array))
  return [
    timed(bench, 'millrace', count, each(crc32)),
    timed(bench, 'native', count, each(zlibCrc32)),
    timed(bench, 'plain', count, each(plainCrc32)),
  ]
}

function hashes(bench: Bench): Contestant[] {
  const native = (i: number) =>
    createHash('md5')
      .update(keys[i] as string)
      .digest()
  return [
    timed(
      bench,
      'millrace',
      keys.length,
      repeat(keys.length, (i) => md5(keys[i] as string)),
    ),
    timed(bench, 'native', keys.length, repeat(keys.length, native)),
  ]
}

function routing(bench: Bench): Contestant[] {
  const router = new HashRouter(evenRanges(shards).map((range, owner) => ({ range, owner })))
  return [
    timed(
      bench,
      'millrace',
      keys.length,
      repeat(keys.length, (i) => router.ofKey(keys[i] as string)),
    ),
  ]
}

function rows(): { key: string; data: Uint8Array }[] {
  const data = payloads(recordBytes)
  return Array.from({ length: records }, (_, i) => ({
    key: keys[i % keys.length] as string,
    data: data[i % data.length] as Uint8Array,
  }))
}

function block(): Uint8Array {
  const writer = new BlockWriter()
  for (const { key, data } of rows()) writer.add(key, data)
  return writer.finish(1, 0)
}

function packing(bench: Bench): Contestant[] {
  const all = rows()
  const arrays = all.map(({ key, data }) => [key, data])
  const writer = new BlockWriter()
  const write = () => {
    for (const { key, data } of all) writer.add(key, data)
    return writer.finish(1, 0)
  }
  return [timed(bench, 'millrace', records, write), timed(bench, 'msgpackr', records, () => pack(arrays))]
}

function checking(bench: Bench): Contestant[] {
  const bytes = block()
  const check = () => {
    const header = readBlockHeader(viewOf(bytes))
    checkBlockCrc(bytes, header)
    checkBody(bytes, header.count, recordBytes * 2)
  }
  return [timed(bench, 'millrace', records, check)]
}

function reading(bench: Bench): Contestant[] {
  const bytes = block()
  const packed = pack(rows().map(({ key, data }) => [key, data]))
  const read = () => {
    const reader = new BodyReader(bytes)
    let length = 0
    for (let i = 0; i < records; i++) {
      reader.next()
      length += reader.key().length + reader.data().length
    }
    return length
  }
  return [timed(bench, 'millrace', records, read), timed(bench, 'msgpackr', records, () => unpack(packed))]
}

function finding(bench: Bench): Contestant[] {
  const table = new GrowingEntryTable()
  for (let i = 0; i < entries; i++) table.add({ base: i * 10, time: i, commit: i, offset: 0, length: 100 })
  return [
    timed(
      bench,
      'millrace',
      1_000,
      repeat(1_000, (i) => table.find((i * 7919) % (entries * 10))),
    ),
  ]
}

function splitting(bench: Bench): Contestant[] {
  const one = frame(frameTypes.blocks, 0, 0, new Uint8Array(128))
  const stream = Buffer.concat(Array.from({ length: splitterFrames }, () => one))
  const chunks: Uint8Array[] = []
  for (let at = 0; at < stream.length; at += 65_536) chunks.push(stream.subarray(at, at + 65_536))
  const split = () => {
    const splitter = new FrameSplitter(1024)
    let seen = 0
    for (const chunk of chunks) for (const each of splitter.push(chunk)) seen += each.payload.length
    return seen
  }
  return [timed(bench, 'millrace', splitterFrames, split)]
}
