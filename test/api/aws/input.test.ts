import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkInput } from '../../../broker/api/aws/input.ts'
import { AwsError } from '../../../broker/wire/aws-error.ts'
import type { Members } from '../../../broker/wire/aws-shape.ts'

const test = suite('aws input')

const members = {
  StreamName: { type: 'string', required: true, min: 1, max: 8, pattern: '[a-z]+' },
  Limit: { type: 'integer', min: 1, max: 10 },
  Type: { type: 'string', enum: ['A', 'B'] },
  When: { type: 'timestamp' },
  Data: { type: 'blob', max: 4 },
  Flag: { type: 'boolean' },
  Tags: { type: 'map', of: { type: 'string', max: 3 }, max: 2, keyMax: 4, keyMin: 1 },
  Records: {
    type: 'list',
    min: 1,
    max: 3,
    of: { type: 'structure', members: { Key: { type: 'string', required: true, min: 1 }, Data: { type: 'blob' } } },
  },
} as const satisfies Members

function complaint(value: unknown): string {
  try {
    checkInput(value, members)
    return 'none'
  } catch (error) {
    return error instanceof AwsError ? `${error.code}: ${error.message}` : String(error)
  }
}

test('what fits is returned: unknown members and nulls left out, times as milliseconds, base64 as bytes', () => {
  const given = {
    StreamName: 'abc',
    Limit: 3.9,
    When: 1_795_412_781.346,
    Data: 'aGk=',
    Flag: null,
    Other: 1,
    Tags: { a: 'b' },
  }
  assert.equal(checkInput(given, members), {
    StreamName: 'abc',
    Limit: 3,
    When: 1_795_412_781_346,
    Data: Buffer.from('hi'),
    Tags: { a: 'b' },
  })
})

test("constraints are all named, in AWS's own sentence", () => {
  assert.is(
    complaint({ Limit: 0, Type: 'C' }),
    "ValidationException: 3 validation errors detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null; " +
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1; " +
      "Value 'C' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [A, B]",
  )
  assert.is(
    complaint({ StreamName: '' }),
    "ValidationException: 2 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
      "Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
  )
  assert.match(
    complaint({ StreamName: 'abcdefghi' }),
    /^ValidationException: 1 validation error detected: .*less than or equal to 8$/,
  )
  assert.match(complaint({ StreamName: 'a', Limit: 1e12 }), /Value '2147483647' at 'limit'/)
  assert.match(
    complaint({ StreamName: 'a', Data: 'aGVsbG8=' }),
    /Value 'java\.nio\.HeapByteBuffer\[pos=0 lim=5 cap=5\]' at 'data' .*length less than or equal to 4$/,
  )
})

test('a problem inside a list or map is named by its place', () => {
  assert.match(
    complaint({ StreamName: 'a', Records: [{ Key: 'k' }, {}] }),
    /Value null at 'records\.2\.member\.key' failed/,
  )
  assert.match(complaint({ StreamName: 'a', Records: [] }), /Value '\[\]' at 'records' .*greater than or equal to 1$/)
  assert.match(complaint({ StreamName: 'a', Tags: { x: 'long' } }), /Value 'long' at 'tags\.x\.member' failed/)
  assert.match(complaint({ StreamName: 'a', Tags: { toolong: 'a' } }), /Map keys must satisfy constraint/)
})

test('at most 10 are named, however many there are, and none is a megabyte long', () => {
  const records = Array.from({ length: 3 }, () => ({ Key: '' }))
  assert.is(complaint({ Records: records }).split('; ').length, 4)
  const large = complaint({ StreamName: 'x'.repeat(1_000_000) })
  assert.ok(large.length < 5_000)
})

test('a wrong type is a SerializationException before any constraint is looked at', () => {
  const text =
    'SerializationException: class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String'
  assert.is(complaint({ StreamName: 5, Limit: 0 }), text)
  assert.match(complaint({ Limit: '5' }), /class java\.lang\.String can not be converted to an Integer/)
  assert.match(complaint({ StreamName: [] }), /Start of list found where not expected/)
  assert.match(complaint({ StreamName: {} }), /Start of structure or map found where not expected\./)
  assert.match(complaint({ Records: {} }), /Start of structure or map found/)
  assert.match(complaint({ Records: 'x' }), /Expected list or null/)
  assert.match(complaint({ Tags: 'x' }), /Expected map or null/)
  assert.match(complaint({ Data: 'abc' }), /Base64 encoded length is expected a multiple of 4 bytes but found: 3/)
  assert.match(complaint({ Data: 'ab-d' }), /Invalid Base64 character: '-'/)
  assert.match(complaint({ When: 'now' }), /can not be converted to milliseconds since epoch/)
  assert.match(complaint({ When: 1e300 }), /can not be converted to milliseconds since epoch/)
  assert.match(complaint([]), /^SerializationException/)
  assert.match(complaint(null), /^SerializationException/)
})

test.run()
