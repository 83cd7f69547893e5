import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AwsError } from '../../broker/wire/aws-error.ts'
import { decodeAwsJson, encodeAwsJson, LongText } from '../../broker/wire/aws-json.ts'

const test = suite('aws-json')
const refused = (error: unknown) => error instanceof AwsError && error.code === 'SerializationException'

/** The value with its long texts as plain strings. */
function plain(value: unknown): unknown {
  if (value instanceof LongText) return value.text()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}

const read = (text: string) => plain(decodeAwsJson(Buffer.from(text)))

test('long strings are left as bytes, and read as what they are', () => {
  const data = 'QUJD'.repeat(500)
  const value = { Records: [{ Data: data, Key: 'k' }, { Data: `ä${data}` }], Name: data }
  const decoded = decodeAwsJson(Buffer.from(JSON.stringify(value, null, 2))) as { Records: [{ Data: LongText }] }
  assert.instance(decoded.Records[0].Data, LongText)
  assert.is(decoded.Records[0].Data.latin1(), data)
  assert.equal(plain(decoded), value)
})

test('base64 is decoded where it lies, in pieces; what is none is left as it was', () => {
  for (const length of [0, 1, 2, 3, 191, 24_575, 24_576, 24_577, 100_000]) {
    const data = Buffer.from(Array.from({ length }, (_, i) => (i * 7919) % 251))
    assert.equal(new LongText(Buffer.from(data.toString('base64'))).base64(), data, `${length} bytes`)
  }
  const long = Buffer.alloc(100_000, 1).toString('base64')
  for (const [at, wrong] of [
    [5, '-'],
    [40_000, '_'],
    [70_001, '='],
    [99_000, '\n'],
    [99_003, 'ä'],
    [long.length - 4, '='],
  ] as const) {
    const text = `${long.slice(0, at)}${wrong}${long.slice(at + 1)}`
    const each = new LongText(Buffer.from(text, 'latin1'))
    assert.is(each.base64(), undefined, `${at}`)
    assert.is(each.latin1(), text)
  }
  assert.is(new LongText(Buffer.from(long.slice(0, -1))).base64(), undefined)
})

test('any JSON is read as JSON.parse reads it, whatever is in its strings and names', () => {
  const long = fc
    .array(fc.constantFrom('a', '"', '\\', '\\u0000', '\u0000', '\u00001', 'ä', '😀', ':', ' '), {
      minLength: 0,
      maxLength: 9,
    })
    .chain((parts) => fc.constantFrom(1, 60, 300).map((times) => parts.join('').repeat(times)))
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', maxDepth: 4 },
      long,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(long, fc.constant('__proto__')), tie('value'), { maxKeys: 4 }),
    ),
  })).value
  fc.assert(
    fc.property(values, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const expected = JSON.parse(text)
      assert.equal(JSON.stringify(read(text)), JSON.stringify(expected))
    }),
    { numRuns: 2_000 },
  )
})

test('what is not JSON is refused, however long its strings are', () => {
  const long = 'x'.repeat(2_000)
  for (const text of [
    '{',
    `{"a":"${long}`,
    `{"a":"${long}"`,
    `["${long}" "${long}"]`,
    `"${long}\\"`,
    `{"${long}":}`,
    `{"a":"${long}"}}`,
  ]) {
    assert.throws(() => decodeAwsJson(Buffer.from(text)), refused, text.slice(0, 20))
  }
  assert.throws(() => decodeAwsJson(Buffer.from([0x22, 0xff, 0x22])), refused)
})

test('times are seconds with a fraction, bytes are base64, undefined is left out', () => {
  const value = {
    When: new Date(1_795_412_781_346),
    Data: Buffer.from('hi'),
    Gone: undefined,
    Text: '2026-01-01T00:00:00Z',
  }
  assert.is(
    Buffer.from(encodeAwsJson(value)).toString(),
    '{"When":1795412781.346,"Data":"aGk=","Text":"2026-01-01T00:00:00Z"}',
  )
})

test.run()
