import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import * as assert from 'uvu/assert'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { checkMessagePack } from '../../broker/wire/messagepack.ts'
import { holds } from '../property.ts'
import { suite } from '../suite.ts'
import { fuzz } from './mutation.ts'

const test = suite('messagepack')

const packr = new Packr({ useRecords: false })

function refusal(...bytes: number[]): string {
  try {
    checkMessagePack(Uint8Array.from(bytes))
    return ''
  } catch (error) {
    assert.is((error as MillraceError).code, 'bad_request')
    return (error as MillraceError).message
  }
}

const anyValue = fc.letrec((value) => ({
  node: fc.oneof(
    { maxDepth: 8 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(value('node'), { maxLength: 20 }),
    fc.dictionary(fc.string(), value('node'), { maxKeys: 20 }),
  ),
})).node

test('whatever a MessagePack library packs of plain values passes', () => {
  holds([anyValue], (value) => checkMessagePack(packr.pack(value)))
})

test('each type of the specification that is plain passes', () => {
  for (let kind = 0; kind < 256; kind++) {
    if (kind >= 0x80 && kind < 0xe0) continue
    assert.is(refusal(kind), '', `0x${kind.toString(16)} is a small integer`)
  }
  const plain: Record<string, number[]> = {
    nil: [0xc0],
    false: [0xc2],
    true: [0xc3],
    'bin 8': [0xc4, 1, 9],
    'bin 16': [0xc5, 0, 1, 9],
    'bin 32': [0xc6, 0, 0, 0, 1, 9],
    'float 32': [0xca, 0, 0, 0, 0],
    'float 64': [0xcb, 0, 0, 0, 0, 0, 0, 0, 0],
    'uint 8 to 64': [0x94, 0xcc, 0, 0xcd, 0, 0, 0xce, 0, 0, 0, 0, 0xcf, 0, 0, 0, 0, 0, 0, 0, 0],
    'int 8 to 64': [0x94, 0xd0, 0, 0xd1, 0, 0, 0xd2, 0, 0, 0, 0, 0xd3, 0, 0, 0, 0, 0, 0, 0, 0],
    'fixstr, str 8, 16, 32': [0x94, 0xa1, 97, 0xd9, 1, 97, 0xda, 0, 1, 97, 0xdb, 0, 0, 0, 1, 97],
    'array 16 and 32': [0x92, 0xdc, 0, 1, 0xc0, 0xdd, 0, 0, 0, 1, 0xc0],
    'map 16 and 32': [0x92, 0xde, 0, 1, 0xa1, 97, 0xc0, 0xdf, 0, 0, 0, 1, 0xa1, 97, 0xc0],
  }
  for (const [name, bytes] of Object.entries(plain)) assert.is(refusal(...bytes), '', name)
})

test('extension types, which make a decoder build things of its own, are refused', () => {
  for (const kind of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) {
    assert.match(refusal(kind, 0x01, 0x72, 0, 0, 0, 0, 0), 'not taken', `0x${kind.toString(16)}`)
  }
})

test('keys of maps are strings: others would be turned into text by running what was sent', () => {
  assert.is(refusal(0x81, 0xa1, 97, 0x01), '')
  for (const key of [[0x01], [0xc0], [0x80], [0x90], [0xc4, 1, 97], [0xcb, 0, 0, 0, 0, 0, 0, 0, 0]]) {
    assert.match(refusal(0x81, ...key, 0x01), 'key')
  }
})

test('lengths beyond the bytes are refused, however large they say they are', () => {
  const hostile: number[][] = [
    [],
    [0xa5, 97],
    [0xc4],
    [0xc6, 0xff, 0xff, 0xff, 0xff],
    [0xdb, 0xff, 0xff, 0xff, 0xff],
    [0xdd, 0xff, 0xff, 0xff, 0xff],
    [0xdf, 0xff, 0xff, 0xff, 0xff],
    [0xcf, 0, 0, 0],
    [0x9f],
  ]
  for (const bytes of hostile) assert.match(refusal(...bytes), 'ends inside', Buffer.from(bytes).toString('hex'))
  assert.match(refusal(0xc0, 0xc0), 'left over')
})

test('32 levels of nesting pass, and 33 are refused before the stack is', () => {
  const nested = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x91), Uint8Array.of(0xc0)])
  checkMessagePack(nested(32))
  assert.throws(() => checkMessagePack(nested(33)), /nested/)
  assert.throws(() => checkMessagePack(nested(1_000_000)), /nested/)
})

test('two million values pass, and more are refused: a small body must not become a large heap', () => {
  const array = (count: number) => {
    const bytes = new Uint8Array(5 + count).fill(0xc0)
    bytes[0] = 0xdd
    new DataView(bytes.buffer).setUint32(1, count)
    return bytes
  }
  checkMessagePack(array(1_999_999))
  assert.throws(() => checkMessagePack(array(2_000_000)), /more than 2000000 values/)
})

test('what passes is decoded without an error and into plain values only', () => {
  const samples = [
    { records: [{ key: 'k', data: new Uint8Array(20), headers: { a: 'b' } }] },
    { a: [1, -1, 2 ** 40, 1.5, null, true, 'text', { b: [[[]]] }], long: 'x'.repeat(300) },
    Array.from({ length: 40 }, (_, i) => ({ [`key${i}`]: i })),
    { __proto__: null, constructor: { prototype: { polluted: true } } },
  ].map((value) => packr.pack(value))
  fuzz(samples, (bytes) => {
    checkMessagePack(bytes)
    requirePlain(packr.unpack(bytes))
  })
  assert.is((Object.prototype as { polluted?: boolean }).polluted, undefined)
})

function requirePlain(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  const { constructor: builder } = Object.getPrototypeOf(value) as { constructor: unknown }
  if (builder !== Object && builder !== Array) throw new Error(`a ${String(builder)} was built`)
  for (const each of Object.values(value)) requirePlain(each)
}

test.run()
