import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import { md5 } from '../../broker/wire/md5.ts'
import { anyText, holds } from '../property.ts'
import { suite } from '../suite.ts'

const test = suite('md5')

const hex = (text: string) =>
  md5(text)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('')

test('the test suite of RFC 1321, appendix A.5', () => {
  const vectors: Record<string, string> = {
    '': 'd41d8cd98f00b204e9800998ecf8427e',
    a: '0cc175b9c0f1b6a831c399e269772661',
    abc: '900150983cd24fb0d6963f7d28e17f72',
    'message digest': 'f96b697d7cb7938d525a2f31aaf161d0',
    abcdefghijklmnopqrstuvwxyz: 'c3fcd3d76192e4007dfb496cca67e13b',
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: 'd174ab98d277d9f5a5611c2c9f419d9f',
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890':
      '57edf4a22be3c955ac49da2e2107b67a',
  }
  for (const [text, expected] of Object.entries(vectors)) assert.is(hex(text), expected, `of ${text}`)
})

test('it is what node:crypto says of any Unicode key in UTF-8', () => {
  holds(
    [anyText({ maxLength: 300 })],
    (text) => assert.is(hex(text), createHash('md5').update(text, 'utf8').digest('hex')),
    1_000,
  )
})

test('every length around the padding of a 64-byte block', () => {
  for (let length = 0; length < 200; length++) {
    const text = 'x'.repeat(length)
    assert.is(hex(text), createHash('md5').update(text).digest('hex'), `${length} bytes`)
  }
})

test('half of a surrogate pair counts as U+FFFD, as UTF-8 encoders have it', () => {
  assert.is(hex('\ud800'), hex('\ufffd'))
})

test.run()
