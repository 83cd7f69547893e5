import type { Random } from '../random.ts'

const crlf = '\r\n'

/** Requests that are right, to begin with. */
const right = [
  `GET /healthz HTTP/1.1${crlf}host: x${crlf}${crlf}`,
  `PUT /v1/streams/hostile HTTP/1.1${crlf}host: x${crlf}content-length: 13${crlf}${crlf}{"shards": 2}`,
  `POST /v1/streams/witness/subscribe HTTP/1.1${crlf}host: x${crlf}content-length: 2${crlf}${crlf}{}`,
  `POST /v1/streams/hostile/append HTTP/1.1${crlf}host: x${crlf}transfer-encoding: chunked${crlf}${crlf}5${crlf}abcde${crlf}0${crlf}${crlf}`,
  `POST /v1/streams/hostile/records HTTP/1.1${crlf}host: x${crlf}expect: 100-continue${crlf}content-length: 2${crlf}${crlf}{}`,
]

/** Requests that are wrong in one way each. */
const wrong: ((random: Random) => string)[] = [
  (r) => `${r.pick(['', 'G', 'GET', 'GET ', 'PRI', 'PRI * HTTP/2.0', 'PUT', 'P', '\r\n\r\n', '\0', '\x16\x03'])}`,
  (r) => `GET /${'a'.repeat(r.pick([100, 16_000, 17_000, 70_000]))} HTTP/1.1${crlf}host: x${crlf}${crlf}`,
  (r) => `GET / HTTP/1.1${crlf}${'a: b\r\n'.repeat(r.pick([100, 3_000, 20_000]))}${crlf}`,
  (r) => `GET / HTTP/1.1${crlf}${'a'.repeat(r.pick([100, 20_000]))}: b${crlf}${crlf}`,
  (r) =>
    `GET ${r.pick(['/%', '/%zz', '/v1/streams/%ff', '//', '/..', '/\\', '*', 'x', '/v1?%', '/v1?a=%zz', '/v1/streams/a%00b'])} HTTP/1.1${crlf}host: x${crlf}${crlf}`,
  (r) =>
    `${r.pick(['CONNECT x:1', 'TRACE /', 'FOO /', 'get /', 'OPTIONS *', 'PROPFIND /', 'GET', 'SOURCE /x'])} HTTP/1.1${crlf}host: x${crlf}${crlf}`,
  (r) =>
    `GET / ${r.pick(['HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/9', 'HTTP', 'FTP/1.1', 'http/1.1'])}${crlf}host: x${crlf}${crlf}`,
  (r) =>
    `PUT /v1/streams/h HTTP/1.1${crlf}host: x${crlf}content-length: ${r.pick(['-1', 'x', '1e9', '1 1', '+2', '0x2', '99999999999999999999', '2, 2', '17000000'])}${crlf}${crlf}{}`,
  () => `PUT /v1/streams/h HTTP/1.1${crlf}host: x${crlf}content-length: 2${crlf}content-length: 3${crlf}${crlf}{}`,
  () =>
    `PUT /v1/streams/h HTTP/1.1${crlf}host: x${crlf}content-length: 2${crlf}transfer-encoding: chunked${crlf}${crlf}0${crlf}${crlf}`,
  (r) =>
    `PUT /v1/streams/h HTTP/1.1${crlf}host: x${crlf}transfer-encoding: ${r.pick(['gzip', 'chunked, gzip', 'identity', 'chunked, chunked', 'xchunked', ''])}${crlf}${crlf}0${crlf}${crlf}`,
  (r) =>
    `PUT /v1/streams/h HTTP/1.1${crlf}host: x${crlf}transfer-encoding: chunked${crlf}${crlf}${r.pick(['-1', 'g', 'ffffffffffffffff', '5', '5\r\nabc', '2\r\n{}', '2;x=\0', `2;${'x'.repeat(20_000)}`, '0x2'])}${crlf}`,
  (r) => `GET /v1 HTTP/1.1${r.pick(['\n', '\r', '\r\r\n', '\n\r'])}host: x${crlf}${crlf}`,
  (r) =>
    `GET /v1 HTTP/1.1${crlf}${r.pick(['host', ': x', 'host x', 'ho st: x', ' folded: x', 'host: x\0', 'host\x01: x', 'hóst: x', 'a:\r\n b'])}${crlf}${crlf}`,
  (r) =>
    `GET /v1 HTTP/1.1${crlf}host: x${crlf}accept: ${r.pick(['application/msgpack', '\x7f', ','.repeat(5_000), 'x'.repeat(9_000)])}${crlf}${crlf}`,
  (r) =>
    `PUT /v1/streams/h HTTP/1.1${crlf}host: x${crlf}expect: ${r.pick(['100-continue', '200-ok', ''])}${crlf}content-length: 9${crlf}${crlf}`,
  (r) =>
    `GET /v1 HTTP/1.1${crlf}host: x${crlf}authorization: ${r.pick(['Bearer', 'Basic !', 'AWS4-HMAC-SHA256 Credential=', 'AWS4-HMAC-SHA256 '.repeat(200)])}${crlf}${crlf}`,
  (r) =>
    `POST / HTTP/1.1${crlf}host: x${crlf}x-amz-target: ${r.pick(['Kinesis_20131202.PutRecord', 'AmazonSQS.', '.', 'x'.repeat(900)])}${crlf}content-length: 2${crlf}${crlf}${r.pick(['{}', '[]', '{', '""'])}`,
  (r) => Buffer.from(r.bytes(r.between(1, 3_000))).toString('latin1'),
]

/** `count` connections' worth of bytes: wrong ones, right ones with some bytes changed or cut short, and several behind one another. */
export function* http1Corpus(random: Random, count: number): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    const text =
      i % 2 === 0 ? (wrong[(i / 2) % wrong.length] as (random: Random) => string)(random) : random.pick(right)
    const bytes = Buffer.from(text, 'latin1')
    if (i % 2 === 1) for (let j = random.below(4); j > 0; j--) bytes[random.below(bytes.length)] = random.below(256)
    const cut = random.oneIn(5) ? bytes.subarray(0, random.below(bytes.length)) : bytes
    yield random.oneIn(6) ? Buffer.concat([Buffer.from(random.pick(right)), cut]) : cut
  }
}
