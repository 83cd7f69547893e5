import type { Random } from '../random.ts'

/** HTTP/2 as bytes (RFC 9113), for saying what no client would. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const

/** One frame; `length` lies about the payload's size when it is given. */
export function frame(
  type: number,
  flag: number,
  stream: number,
  payload: Uint8Array,
  length = payload.length,
): Buffer {
  const bytes = Buffer.alloc(9 + payload.length)
  bytes.writeUIntBE(length & 0xff_ffff, 0, 3)
  bytes[3] = type
  bytes[4] = flag
  bytes.writeUInt32BE(stream >>> 0, 5)
  bytes.set(payload, 9)
  return bytes
}

/** What every connection begins with. */
export function hello(...settings: (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * 6)
  for (const [i, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, i * 6)
    payload.writeUInt32BE(value >>> 0, i * 6 + 2)
  }
  return Buffer.concat([preface, frame(types.settings, 0, 0, payload)])
}

/** A header block (RFC 7541): literals without indexing, short names and values only. */
export function headers(...pairs: (readonly [name: string, value: string])[]): Buffer {
  const parts = pairs.flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ])
  return Buffer.concat(parts)
}

/** A header block that asks for `path`. */
export function asking(method: string, path: string, ...more: (readonly [string, string])[]): Buffer {
  return headers([':method', method], [':scheme', 'http'], [':authority', 'x'], [':path', path], ...more)
}

const get = asking('GET', '/healthz')
const whole = flags.endStream | flags.endHeaders
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

type Case = readonly [name: string, bytes: (random: Random) => Uint8Array]

/** Frames that are wrong in one way each, whatever else is in them. */
const wrong: readonly Case[] = [
  ['a PING of the wrong size', (r) => frame(types.ping, 0, 0, r.bytes(r.pick([0, 1, 7, 9, 100])))],
  ['a PING of a stream', (r) => frame(types.ping, 0, r.between(1, 9), r.bytes(8))],
  ['SETTINGS of the wrong size', (r) => frame(types.settings, 0, 0, r.bytes(r.pick([1, 5, 7, 13])))],
  ['SETTINGS of a stream', (r) => frame(types.settings, 0, r.between(1, 9), r.bytes(6))],
  ['an acknowledgement of SETTINGS that holds some', (r) => frame(types.settings, flags.ack, 0, r.bytes(6))],
  [
    'SETTINGS whose values are not allowed',
    (r) =>
      hello(
        r.pick([
          [2, 2],
          [4, 2 ** 31],
          [5, 0],
          [5, 2 ** 24],
        ] as const),
      ).subarray(24),
  ],
  ['a WINDOW_UPDATE of the wrong size', (r) => frame(types.windowUpdate, 0, 0, r.bytes(r.pick([0, 3, 5])))],
  ['a WINDOW_UPDATE of nothing', () => frame(types.windowUpdate, 0, 0, u32(0))],
  ['a window beyond its limit', () => Buffer.concat(Array(3).fill(frame(types.windowUpdate, 0, 0, u32(2 ** 31 - 1))))],
  [
    'a WINDOW_UPDATE of a stream that is not there',
    (r) => frame(types.windowUpdate, 0, r.between(1, 99) * 2 + 1, u32(1)),
  ],
  ['an RST_STREAM of the wrong size', (r) => frame(types.rstStream, 0, 1, r.bytes(r.pick([0, 3, 5])))],
  ['an RST_STREAM of a stream that is not there', (r) => frame(types.rstStream, 0, r.between(1, 99), u32(8))],
  ['an RST_STREAM of the connection', () => frame(types.rstStream, 0, 0, u32(8))],
  ['a PRIORITY of the wrong size', (r) => frame(types.priority, 0, 1, r.bytes(r.pick([0, 4, 6])))],
  ['a stream that depends on itself', () => frame(types.priority, 0, 3, Buffer.concat([u32(3), Buffer.from([1])]))],
  ['DATA of the connection', (r) => frame(types.data, 0, 0, r.bytes(9))],
  ['DATA of a stream that is not there', (r) => frame(types.data, 0, r.between(1, 99), r.bytes(9))],
  [
    'DATA that is all padding and more',
    (r) => Buffer.concat([post(1), frame(types.data, flags.padded, 1, Buffer.from([200, ...r.bytes(5)]))]),
  ],
  ['HEADERS of the connection', () => frame(types.headers, whole, 0, get)],
  ["HEADERS of one of the server's streams", (r) => frame(types.headers, whole, r.between(1, 99) * 2, get)],
  ['streams that go backwards', () => Buffer.concat([9, 7, 5].map((id) => frame(types.headers, whole, id, get)))],
  [
    'HEADERS that are all padding and more',
    (r) => frame(types.headers, whole | flags.padded, 1, Buffer.from([255, ...r.bytes(9)])),
  ],
  ['a CONTINUATION of nothing', (r) => frame(types.continuation, flags.endHeaders, r.between(0, 9), get)],
  [
    'a CONTINUATION of another stream',
    () =>
      Buffer.concat([frame(types.headers, 1, 1, get.subarray(0, 9)), frame(types.continuation, 4, 3, get.subarray(9))]),
  ],
  [
    'something else within a header block',
    (r) =>
      Buffer.concat([
        frame(types.headers, 1, 1, get.subarray(0, 9)),
        frame(r.between(0, 8), 0, r.pick([0, 1, 3]), r.bytes(8)),
      ]),
  ],
  ['a PUSH_PROMISE from a client', (r) => frame(types.pushPromise, 4, 1, Buffer.concat([u32(2), r.bytes(9)]))],
  [
    'a GOAWAY and then more',
    (r) => Buffer.concat([frame(types.goaway, 0, 0, r.bytes(8)), frame(types.headers, whole, 1, get)]),
  ],
  ['a frame that is longer than allowed', (r) => frame(r.between(0, 9), 0, 1, r.bytes(20_000))],
  [
    'a frame that says it is longer than it is',
    (r) => frame(r.between(0, 9), 0, r.below(3), r.bytes(20), r.between(21, 2 ** 24 - 1)),
  ],
  ['a frame of an unknown type', (r) => frame(r.between(10, 255), r.below(256), r.below(9), r.bytes(r.below(200)))],
  [
    'a header block that names what is not in its table',
    () => frame(types.headers, whole, 1, Buffer.from([0xff, 0xff, 0xff, 0x0f])),
  ],
  [
    'a header block that is cut short',
    (r) => frame(types.headers, whole, 1, get.subarray(0, r.between(1, get.length - 1))),
  ],
  ['a header block of noise', (r) => frame(types.headers, whole, 1, r.bytes(r.between(1, 300)))],
  [
    'a header table beyond its limit',
    () => frame(types.headers, whole, 1, Buffer.concat([Buffer.from([0x3f, 0xe1, 0xff, 0x03]), get])),
  ],
  [
    'a string of four billion bytes',
    () => frame(types.headers, whole, 1, Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f, 97])),
  ],
  [
    'Huffman noise',
    (r) =>
      frame(
        types.headers,
        whole,
        1,
        Buffer.concat([Buffer.from([0, 0x80 | 30]), r.bytes(30), Buffer.from([0x80 | 30]), r.bytes(30)]),
      ),
  ],
  ['a request without its pseudo headers', () => frame(types.headers, whole, 1, headers(['a', 'b']))],
  ['a request with two paths', () => frame(types.headers, whole, 1, asking('GET', '/v1', [':path', '/v1']))],
  ['pseudo headers behind others', () => frame(types.headers, whole, 1, Buffer.concat([headers(['a', 'b']), get]))],
  ['a name in upper case', () => frame(types.headers, whole, 1, asking('GET', '/v1', ['UPPER', 'case']))],
  [
    'a header of the connection',
    (r) =>
      frame(
        types.headers,
        whole,
        1,
        asking(
          'GET',
          '/v1',
          r.pick([
            ['connection', 'close'],
            ['transfer-encoding', 'chunked'],
            ['te', 'gzip'],
            ['upgrade', 'h2c'],
          ] as const),
        ),
      ),
  ],
  [
    'a method that is none',
    (r) => frame(types.headers, whole, 1, asking(r.pick(['', 'GE T', 'CONNECT', '\x00', 'get']), '/v1')),
  ],
  [
    'a path that is none',
    (r) => frame(types.headers, whole, 1, asking('GET', r.pick(['', '*', 'v1', '/%', '/\x01', 'http://x/']))),
  ],
  [
    'less of a body than was said',
    () => Buffer.concat([post(1, ['content-length', '9']), frame(types.data, 1, 1, Buffer.from('{}'))]),
  ],
  [
    'more of a body than was said',
    () => Buffer.concat([post(1, ['content-length', '1']), frame(types.data, 1, 1, Buffer.from('{"a":1}'))]),
  ],
  [
    'a length of a body that is none',
    (r) => post(1, ['content-length', r.pick(['-1', 'x', '1e3', '99999999999999999999'])]),
  ],
  ['trailers that begin a request', () => Buffer.concat([post(1), frame(types.headers, whole, 1, get)])],
  [
    'too many headers',
    () =>
      frame(
        types.headers,
        whole,
        1,
        asking('GET', '/v1', ...Array.from({ length: 200 }, (_, i) => [`h${i}`, 'v'] as const)),
      ),
  ],
  [
    'headers that are too large',
    () =>
      frame(
        types.headers,
        whole,
        1,
        Buffer.concat([
          get,
          headers(...Array.from({ length: 60 }, (_, i) => [`h${i}`, 'v'.repeat(120)] as const)),
          headers(...Array.from({ length: 60 }, (_, i) => [`i${i}`, 'v'.repeat(120)] as const)),
        ]),
      ),
  ],
  ['noise', (r) => r.bytes(r.between(1, 2_000))],
  [
    'frames of noise',
    (r) =>
      Buffer.concat(
        Array.from({ length: 20 }, () => frame(r.below(11), r.below(256), r.below(12), r.bytes(r.below(80)))),
      ),
  ],
]

function post(stream: number, ...more: (readonly [string, string])[]): Buffer {
  return frame(types.headers, flags.endHeaders, stream, asking('PUT', '/v1/streams/hostile', ...more))
}

/** `count` connections' worth of bytes, each wrong in some way; some begin well, some are cut short. */
export function* corpus(random: Random, count: number): Generator<{ name: string; bytes: Buffer }> {
  for (let i = 0; i < count; i++) {
    const [name, bytes] = i < wrong.length ? (wrong[i] as Case) : random.pick(wrong)
    const before = random.oneIn(2) ? [frame(types.headers, whole, 1, get)] : []
    const all = Buffer.concat([hello(), ...before, bytes(random)])
    yield { name, bytes: random.oneIn(8) ? all.subarray(0, random.between(24, all.length)) : all }
  }
}

/** What comes in masses: each is allowed once, and costs the broker something every time. */
export const floods: Readonly<Record<string, (i: number) => Buffer>> = {
  'empty CONTINUATIONs': (i) =>
    i === 0 ? frame(types.headers, flags.endStream, 1, get) : frame(types.continuation, 0, 1, Buffer.alloc(0)),
  'CONTINUATIONs of headers': (i) =>
    i === 0
      ? frame(types.headers, flags.endStream, 1, get)
      : frame(types.continuation, 0, 1, headers([`h${i}`, 'v'.repeat(100)])),
  SETTINGS: (i) => frame(types.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, i & 0xff])),
  PINGs: (i) => frame(types.ping, 0, 0, Buffer.concat([u32(i), u32(i)])),
  'streams that are reset at once': (i) =>
    Buffer.concat([
      frame(types.headers, flags.endHeaders, 2 * i + 1, get),
      frame(types.rstStream, 0, 2 * i + 1, u32(8)),
    ]),
  'requests that are reset at once': (i) =>
    Buffer.concat([frame(types.headers, whole, 2 * i + 1, get), frame(types.rstStream, 0, 2 * i + 1, u32(8))]),
  'empty DATA': (i) => (i === 0 ? post(1) : frame(types.data, 0, 1, Buffer.alloc(0))),
  PRIORITYs: (i) => frame(types.priority, 0, 2 * i + 1, Buffer.concat([u32(2 * i + 3), Buffer.from([9])])),
  WINDOW_UPDATEs: () => frame(types.windowUpdate, 0, 0, u32(1)),
  'requests that are wrong': (i) => frame(types.headers, whole, 2 * i + 1, headers(['a', 'b'])),
  'requests without an end': (i) =>
    frame(types.headers, flags.endHeaders, 2 * i + 1, asking('PUT', '/v1/streams/hostile')),
}
