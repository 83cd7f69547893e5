import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSequenceNumber, SequenceNumbers } from '../../broker/wire/sequence.ts'

const test = suite('sequence')
const owner = { stream: 7, streamCreatedAt: 1_767_225_600_123, shard: 5 }

/** Where reading goes on AT a number and AFTER it. */
function places(text: string): unknown[] {
  const parsed = parseSequenceNumber(text)
  return [parsed?.at, parsed?.after]
}

test('numbers are 56 digits, as large as AWS has them, and say where they come from', () => {
  const numbers = new SequenceNumbers(owner)
  for (const sequence of [0, 1, 999, 2 ** 31, 2 ** 40, 2 ** 50]) {
    const text = numbers.of(sequence)
    assert.match(text, /^4[9]\d{54}$/)
    assert.equal(parseSequenceNumber(text), {
      stream: 7,
      streamCreatedSeconds: 1_767_225_600,
      shard: 5,
      at: sequence,
      after: sequence + 1,
    })
  }
})

test('they grow with the sequence, as numbers and as text, across every carry of their decimal digits', () => {
  for (let shard = 0; shard < 40; shard++) {
    const numbers = new SequenceNumbers({ ...owner, shard, streamCreatedAt: 1_700_000_000_000 + shard * 977_777 })
    let last = numbers.start
    for (let step = 0; step < 50; step++) {
      const sequence = step < 10 ? step : Math.floor(2 ** (step - 1) * 1.01)
      for (const text of [numbers.before(sequence), numbers.of(sequence)]) {
        assert.ok(BigInt(text) > BigInt(last), `${shard} ${sequence}`)
        assert.ok(text > last)
        last = text
      }
    }
  }
})

test("a child's are above all of its parents'", () => {
  const parent = new SequenceNumbers(owner)
  const child = new SequenceNumbers({ ...owner, shard: 6 })
  assert.ok(BigInt(child.start) > BigInt(parent.before(2 ** 51)))
})

test('the place between two records is a number too, which AT and AFTER both read on from', () => {
  const numbers = new SequenceNumbers(owner)
  assert.equal(places(numbers.before(3)), [3, 3])
  assert.ok(BigInt(numbers.of(2)) < BigInt(numbers.before(3)))
  assert.ok(BigInt(numbers.before(3)) < BigInt(numbers.of(3)))
  assert.equal(places(numbers.start), [0, 0])
})

test('what is no number of a broker is not read', () => {
  const other = [
    '0',
    '1',
    '',
    'x',
    `${10n ** 55n}`,
    '4'.repeat(56),
    '9'.repeat(56),
    `${new SequenceNumbers(owner).of(1)}0`,
  ]
  for (const text of other) assert.is(parseSequenceNumber(text), undefined, text)
})

test.run()
