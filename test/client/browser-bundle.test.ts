import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as assert from 'uvu/assert'
import { bothVersions } from '../server/harness.ts'
import { root } from '../sources.ts'
import { suite } from '../suite.ts'

const test = suite('the bundle for browsers')
const bundle = readFileSync(join(root, 'dist', 'client', 'browser-bundle.js'))
const gzippedBytesMax = 40_000

test('it is small', () => {
  const { length } = gzipSync(bundle, { level: 9 })
  console.log(`${bundle.length} bytes, ${length} gzipped`)
  assert.ok(length < gzippedBytesMax, `${length} bytes gzipped; no more than ${gzippedBytesMax} are to be`)
})

test('it needs nothing of Node and no other file', () => {
  const text = bundle.toString()
  assert.not.match(text, /["'`]node:|\brequire\(|\bimport\(|\bfrom ?["']/)
  assert.match(text, /\bexport\{/)
})

bothVersions(
  test,
  'pages get it without a token, from everywhere, and again only when it changed',
  async (client) => {
    const origin = 'https://stranger.example'
    const { status, headers } = await client.ask('HEAD', '/client.js', { headers: { origin } })
    assert.is(status, 200)
    assert.is(headers['access-control-allow-origin'], '*')
    assert.match(String(headers['content-type']), /^text\/javascript/)
    assert.is(Number(headers['content-length']), bundle.length)
    const small = await client.ask('HEAD', '/client.js', { headers: { 'accept-encoding': 'br, gzip' } })
    assert.ok(Number(small.headers['content-length']) < gzippedBytesMax)
    assert.is(small.headers['content-encoding'], 'gzip')
    const again = await client.ask('GET', '/client.js', { headers: { 'if-none-match': String(headers['etag']) } })
    assert.is(again.status, 304)
  },
  { token: 'secret' },
)

test.run()
