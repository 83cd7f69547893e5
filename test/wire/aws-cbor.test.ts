import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeAwsCbor, encodeAwsCbor } from '../../broker/wire/aws-cbor.ts'
import { AwsError } from '../../broker/wire/aws-error.ts'

const test = suite('aws-cbor')
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const refused = (error: unknown) => error instanceof AwsError && error.code === 'SerializationException'

test('reads what the Java SDKs send: maps and arrays of indefinite length', () => {
  assert.equal(decodeAwsCbor(hex('bf 6a53747265616d4e616d65 61 78 64 4c697374 9f 01 20 ff ff')), {
    StreamName: 'x',
    List: [1, -1],
  })
})

test('reads strings of bytes and of text in pieces', () => {
  assert.equal(decodeAwsCbor(hex('82 5f 41 01 42 0203 ff 7f 6161 626263 ff')), [Buffer.from([1, 2, 3]), 'abc'])
})

test('reads every width of number, booleans, null and undefined', () => {
  const numbers =
    '8b 17 1818 190100 1a00010000 1b0000000100000000 3901f3 f93c00 fa3fc00000 fb3ff8000000000000 f97c00 f90001'
  assert.equal(decodeAwsCbor(hex(numbers)), [23, 24, 256, 65_536, 2 ** 32, -500, 1, 1.5, 1.5, Infinity, 2 ** -24])
  assert.equal(decodeAwsCbor(hex('84 f4 f5 f6 f7')), [false, true, null, null])
})

test('tag 1 is milliseconds, as AWS has it and the RFC has not', () => {
  assert.equal(decodeAwsCbor(hex('c1 1b 0000018bcfe56800')), new Date(1_700_000_000_000))
  assert.equal(
    Buffer.from(encodeAwsCbor({ T: new Date(1_700_000_000_000) })).toString('hex'),
    'a16154c11b0000018bcfe56800',
  )
})

test('what is written is read back', () => {
  const value = {
    text: 'käse',
    long: 'x'.repeat(70_000),
    bytes: new Uint8Array(300).fill(7),
    list: [1, -1, 0.5, 2 ** 40, -(2 ** 40), true, false, null, 23, 24, 255, 256, 65_535, 65_536, -24, -25],
    map: { inner: { when: new Date(5) } },
  }
  assert.equal(decodeAwsCbor(Uint8Array.from(encodeAwsCbor({ ...value, left: undefined }))), value)
})

test('whatever is not one plain value is refused, without being built', () => {
  const wrong = [
    '',
    '01 01',
    'a1 01 02',
    '9a ffffffff',
    '5a ffffffff 00',
    'bb ffffffffffffffff',
    '5f 61 61 ff',
    '5f 5f ff ff',
    'f8 20',
    'ff',
    '1c',
    '61 ff',
    'c1 61 61',
    '9f 01',
    'bf 61 61 ff',
  ]
  for (const each of wrong) assert.throws(() => decodeAwsCbor(hex(each)), refused, each)
  assert.throws(() => decodeAwsCbor(new Uint8Array(100_000).fill(0x81)), refused)
  assert.throws(() => decodeAwsCbor(new Uint8Array(100_000).fill(0xc0)), refused)
  assert.equal(decodeAwsCbor(hex('a1 69 5f5f70726f746f5f5f a1 61 78 01')), {})
})

test.run()
