import * as fc from 'fast-check'
import { Unpackr } from 'msgpackr'
import * as assert from 'uvu/assert'
import { blockHeaderBytes, blockRecordsMax, blocksOf, checkBlockCrc, readBlockHeader } from '../../broker/wire/block.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { BlockWriter, BodyReader, checkBody, partitionKeyBytesMax, type RecordInput } from '../../broker/wire/record.ts'
import { viewOf } from '../../broker/wire/u64.ts'
import { anyText, holds } from '../property.ts'
import { suite } from '../suite.ts'
import { fuzz } from './mutation.ts'

const test = suite('record')

const recordBytesMax = 1024 * 1024
const anyHeaders = fc.dictionary(anyText({ maxLength: 20 }), anyText({ maxLength: 60 }), { maxKeys: 20 })
const anyRecord: fc.Arbitrary<RecordInput> = fc.record(
  {
    key: anyText({ minLength: 1, maxLength: 250 }),
    data: fc.uint8Array({ maxLength: 600 }),
    headers: anyHeaders,
  },
  { requiredKeys: ['key', 'data'], noNullPrototype: true },
)

/** `records` as one block. */
function pack(records: readonly RecordInput[], writer = new BlockWriter()): Uint8Array {
  for (const { key, data, headers } of records) writer.add(key, data, headers)
  return writer.finish(1, 2)
}

/** The records of a block as plain values. */
function unpack(block: Uint8Array): [string, Buffer, [string, string][]][] {
  const { count } = readBlockHeader(viewOf(block))
  const reader = new BodyReader(block)
  return Array.from({ length: count }, () => {
    reader.next()
    return [reader.key(), Buffer.from(reader.data()), Object.entries(reader.headers())]
  })
}

const plain = ({ key, data, headers }: RecordInput): [string, Buffer, [string, string][]] => [
  key,
  Buffer.from(data),
  Object.entries(headers ?? {}),
]

const codeOf = (run: () => void): string => {
  try {
    run()
    return 'taken'
  } catch (error) {
    return (error as MillraceError).code
  }
}

test('records of any key, data and headers are read back, and pass the check', () => {
  holds([fc.array(anyRecord, { minLength: 1, maxLength: 20 })], (records) => {
    const block = pack(records)
    assert.equal(unpack(block), records.map(plain))
    checkBlockCrc(block, readBlockHeader(viewOf(block)))
    checkBody(block, records.length, recordBytesMax)
  })
})

test('any MessagePack library reads a body', () => {
  const unpackr = new Unpackr({ useRecords: false })
  holds([fc.array(anyRecord, { minLength: 1, maxLength: 5 })], (records) => {
    const values = unpackr.unpackMultiple(pack(records).subarray(blockHeaderBytes)) as [string, Buffer, object?][]
    assert.equal(
      values.map(([key, data]) => [key, Buffer.from(data)]),
      records.map(({ key, data }) => [key, Buffer.from(data)]),
    )
  })
})

test('a byte order mark at the start of a key or header is part of it', () => {
  const headers = { '\ufeffname': '\ufeffvalue' }
  const [record] = unpack(pack([{ key: '\ufeffkey', data: new Uint8Array(0), headers }]))
  assert.is(record?.[0], '\ufeffkey')
  assert.equal(record?.[2], [['\ufeffname', '\ufeffvalue']])
})

test('a header called __proto__ is a header like any other', () => {
  const headers = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>
  const reader = new BodyReader(pack([{ key: 'k', data: new Uint8Array(0), headers }]))
  reader.next()
  assert.equal(Object.entries(reader.headers()), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
})

test('every length at which the form of a string or binary changes', () => {
  const sizes = [0, 1, 31, 32, 255, 256, 1_000, 65_535, 65_536, 200_000]
  const records = sizes.map((size) => ({
    key: 'k'.repeat(Math.max(1, Math.min(size, partitionKeyBytesMax))),
    data: new Uint8Array(size).fill(size),
    headers: { name: 'v'.repeat(Math.min(size, 65_535)) },
  }))
  for (const record of records) {
    const [read] = unpack(pack([record]))
    assert.is(read?.[0], record.key)
    assert.ok(read?.[1].equals(record.data), `${record.data.length} bytes of data`)
    assert.is(read?.[2][0]?.[1], record.headers.name)
  }
})

test('keys of every character around the ends of ASCII and Latin-1', () => {
  for (const code of [0, 1, 0x7e, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x7ff, 0x800, 0xffff]) {
    for (const key of [1, 24, 25, 40].map((length) => String.fromCharCode(code).repeat(length))) {
      assert.is(unpack(pack([{ key, data: new Uint8Array(0) }]))[0]?.[0], key)
    }
  }
})

test('hundreds of headers', () => {
  const headers = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`name-${i}`, `value-${i}`]))
  assert.equal(unpack(pack([{ key: 'k', data: new Uint8Array(0), headers }]))[0]?.[2], Object.entries(headers))
})

test('blocks of one writer are independent of one another and of what was handed in', () => {
  holds([fc.array(fc.array(anyRecord, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 })], (batches) => {
    const writer = new BlockWriter()
    const blocks = batches.map((records) => {
      const lent = records.map((record) => ({ ...record, data: Uint8Array.from(record.data) }))
      const block = pack(lent, writer)
      for (const { data } of lent) data.fill(0xee)
      return block
    })
    assert.equal(
      blocks.map(unpack),
      batches.map((records) => records.map(plain)),
    )
  })
})

test('records that outgrow the slab move to a larger one, and the size of the block is known all along', () => {
  const writer = new BlockWriter()
  assert.is(writer.bytes, 0)
  const records = Array.from({ length: 40 }, (_, i) => ({ key: `key-${i}`, data: new Uint8Array(5_000).fill(i) }))
  writer.add('a block before', new Uint8Array(0))
  writer.finish(0, 0)
  let before = 0
  for (const { key, data } of records) {
    writer.add(key, data)
    assert.ok(writer.bytes > before + 5_000)
    before = writer.bytes
  }
  const block = writer.finish(0, 0)
  assert.is(block.length, before)
  assert.is(writer.bytes, 0)
  assert.equal(unpack(block), records.map(plain))
})

test('a block takes 65,535 records and then says that it is full', () => {
  const writer = new BlockWriter()
  const empty = new Uint8Array(0)
  for (let i = 0; i < blockRecordsMax; i++) {
    assert.not(writer.full)
    writer.add('k', empty)
  }
  assert.ok(writer.full)
  const block = writer.finish(0, 0)
  checkBody(block, blockRecordsMax, recordBytesMax)
  assert.not(writer.full)
})

test('a record that the format cannot hold is refused before anything of it is written', () => {
  const writer = new BlockWriter()
  const empty = new Uint8Array(0)
  writer.add('before', empty)
  const refusals = [
    () => writer.add('', empty),
    () => writer.add('k'.repeat(partitionKeyBytesMax + 1), empty),
    () => writer.add('ü'.repeat(partitionKeyBytesMax / 2 + 1), empty),
    () => writer.add('k', empty, { name: 'v'.repeat(65_536) }),
    () => writer.add('k', empty, { ['n'.repeat(65_536)]: 'v' }),
    () => writer.add('k', empty, Object.fromEntries(Array.from({ length: 65_536 }, (_, i) => [`${i}`, '']))),
  ]
  assert.equal(refusals.map(codeOf), new Array(refusals.length).fill('invalid_field'))
  writer.add('ü'.repeat(partitionKeyBytesMax / 2), empty)
  assert.equal(
    unpack(writer.finish(0, 0)).map(([key]) => key),
    ['before', 'ü'.repeat(partitionKeyBytesMax / 2)],
  )
})

test('the check refuses what the header does not announce and what is over the limits', () => {
  const block = pack([
    { key: 'k', data: new Uint8Array(100) },
    { key: 'l', data: new Uint8Array(0) },
  ])
  assert.is(
    codeOf(() => checkBody(block, 2, 101)),
    'taken',
  )
  assert.is(
    codeOf(() => checkBody(block, 2, 100)),
    'record_too_large',
  )
  assert.is(
    codeOf(() => checkBody(block, 1, 101)),
    'block_malformed',
  )
  assert.is(
    codeOf(() => checkBody(block, 3, 101)),
    'block_malformed',
  )
})

test('keys of no or too many bytes, and types that are not of the grammar, are refused', () => {
  const body = (...bytes: number[]) => Buffer.concat([new Uint8Array(blockHeaderBytes), Uint8Array.from(bytes)])
  const long = [0xda, 0x04, 0x01, ...new Array<number>(1_025).fill(0x61)]
  const bodies: [string, Uint8Array, string][] = [
    ['an empty key', body(0x92, 0xa0, 0xc4, 0), 'key of 0 bytes'],
    ['a key of 1,025 bytes', body(0x92, ...long, 0xc4, 0), 'key of 1025 bytes'],
    ['one value', body(0x91, 0xa1, 0x61), 'not an array of 2 or 3'],
    ['four values', body(0x94, 0xa1, 0x61, 0xc4, 0, 0x80, 0xc0), 'not an array of 2 or 3'],
    ['a binary key', body(0x92, 0xc4, 1, 0x61, 0xc4, 0), 'not a string'],
    ['text as data', body(0x92, 0xa1, 0x61, 0xa1, 0x61), 'not binary'],
    ['an extension as data', body(0x92, 0xa1, 0x61, 0xd4, 1, 0), 'not binary'],
    ['a number as a header', body(0x93, 0xa1, 0x61, 0xc4, 0, 0x81, 0xa1, 0x61, 0x01), 'not a string'],
    ['headers that are no map', body(0x93, 0xa1, 0x61, 0xc4, 0, 0x90), 'not a map'],
    ['a 32-bit map', body(0x93, 0xa1, 0x61, 0xc4, 0, 0xdf, 0, 0, 0, 0), 'not a map'],
    ['data longer than the block', body(0x92, 0xa1, 0x61, 0xc4, 3, 1, 2), 'ends inside'],
    ['data longer than memory', body(0x92, 0xa1, 0x61, 0xc6, 0xff, 0xff, 0xff, 0xff), 'ends inside'],
    ['a key longer than the block', body(0x92, 0xa2, 0x61), 'ends inside'],
    ['half a length', body(0x92, 0xda, 0), 'ends inside'],
    ['more than its records', body(0x92, 0xa1, 0x61, 0xc4, 0, 0xc0), 'left over'],
    ['nothing', body(), 'ends inside'],
    ['half a header', new Uint8Array(10), 'ends inside'],
  ]
  for (const [name, block, said] of bodies) {
    assert.throws(
      () => checkBody(block, 1, recordBytesMax),
      (error: MillraceError) => error.code === 'block_malformed' && error.message.includes(said),
      `${name} must be refused with "${said}"`,
    )
  }
})

test('what passes the check can be read to its end, and damage is refused with an error of the table', () => {
  const samples = [
    pack([{ key: 'user-1', data: new Uint8Array(20), headers: { a: 'b', c: 'ü' } }]),
    pack(Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, data: new Uint8Array(i * 30) }))),
    pack([{ key: 'ü'.repeat(40), data: new Uint8Array(300), headers: { long: 'x'.repeat(300) } }]),
  ]
  fuzz(samples, (bytes) => {
    for (const { header, block } of blocksOf(bytes)) checkBody(block, header.count, recordBytesMax)
    return [...blocksOf(bytes)].map(({ block }) => unpack(block))
  })
})

test.run()
