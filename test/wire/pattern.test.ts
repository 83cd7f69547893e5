import * as assert from 'uvu/assert'
import { MillraceError } from '../../broker/wire/errors.ts'
import { Pattern, snsFilter } from '../../broker/wire/pattern.ts'
import { suite } from '../suite.ts'

const test = suite('event patterns')

function matches(pattern: unknown, event: unknown): boolean {
  return Pattern.compile(pattern).matches(event)
}

/** The reason a pattern is refused for. */
function reasonOf(pattern: unknown): string {
  try {
    Pattern.compile(pattern)
  } catch (error) {
    if (error instanceof MillraceError) return error.message.replace('Event pattern is not valid. Reason: ', '')
    throw error
  }
  return 'valid'
}

/** What a list of conditions makes of values of one field. */
function check(condition: unknown, wanted: readonly unknown[], unwanted: readonly unknown[]): void {
  const pattern = Pattern.compile({ x: [condition] })
  for (const x of wanted) assert.ok(pattern.matches({ x }), `${JSON.stringify(condition)} takes ${JSON.stringify(x)}`)
  for (const x of unwanted) {
    assert.not.ok(pattern.matches({ x }), `${JSON.stringify(condition)} refuses ${JSON.stringify(x)}`)
  }
}

test('exact values: strings by case, numbers by worth, null and missing are not the same', () => {
  check('a', ['a', ['b', 'a']], ['A', 'aa', 1, null, {}, [], undefined])
  check(300, [300, 300.0, 3.0e2], ['300', 301])
  check(true, [true], ['true', 1])
  check(null, [null], [[], '', undefined, 'null'])
  check('', [''], [' ', null])
})

test('all keys must hold; of a list one', () => {
  assert.ok(matches({ a: ['x', 'y'], b: [1] }, { a: 'y', b: 1, c: 0 }))
  assert.not.ok(matches({ a: ['x', 'y'], b: [1] }, { a: 'y', b: 2 }))
  assert.ok(matches({ a: { b: { c: [1] } } }, { a: { b: { c: [0, [1]] } } }))
})

test('keys joined by dots are keys in one another, on both sides', () => {
  const nested = { detail: { state: { status: ['running'] } } }
  const dotted = { detail: { 'state.status': ['running'] } }
  for (const pattern of [nested, dotted]) {
    assert.ok(matches(pattern, { detail: { state: { status: 'running' } } }))
    assert.ok(matches(pattern, { detail: { 'state.status': 'running' } }))
  }
  assert.not.ok(
    matches({ detail: { 'state.status': { status: ['running'] } } }, { detail: { state: { status: 'running' } } }),
  )
  assert.not.ok(matches(nested, { detail: { 'state.status': { status: 'running' } } }))
  const both = { a: { b: [1] }, 'a.c': [2] }
  assert.ok(matches(both, { 'a.b': 1, a: { c: 2 } }))
  assert.not.ok(matches(both, { a: { b: 1 } }))
})

test('of an array of objects one element must have all that is asked', () => {
  const pattern = { items: { id: [1], ok: [true] } }
  assert.ok(
    matches(pattern, {
      items: [
        { id: 2, ok: true },
        { id: 1, ok: true },
      ],
    }),
  )
  assert.not.ok(
    matches(pattern, {
      items: [
        { id: 2, ok: true },
        { id: 1, ok: false },
      ],
    }),
  )
})

test('prefix, suffix and equals-ignore-case look at strings alone', () => {
  check({ prefix: 'ab' }, ['ab', 'abc'], ['Ab', 'a', 1, null, undefined])
  check({ prefix: '' }, ['', 'x'], [1])
  check({ suffix: '.png' }, ['a.png', '.png'], ['a.PNG', 'png'])
  check({ prefix: { 'equals-ignore-case': 'AB' } }, ['abc', 'aBC'], ['ba'])
  check({ suffix: { 'equals-ignore-case': '.PNG' } }, ['a.png'], ['a.pn'])
  check({ 'equals-ignore-case': 'Straße' }, ['straße', 'STRAßE'], ['strasse', 1])
})

test('wildcards: stars are any run, also none; a backslash makes a star a star', () => {
  check({ wildcard: '*/a/*.png' }, ['x/a/b.png', '/a/.png', 'q/a/a/a.png'], ['a/b.png', 'x/a/b.pn'])
  check({ wildcard: 'dir/*' }, ['dir/', 'dir/x'], ['dir'])
  check({ wildcard: 'a\\*b' }, ['a*b'], ['axb', 'a\\*b'])
  check({ wildcard: 'a\\\\*' }, ['a\\', 'a\\x'], ['a*'])
  check({ wildcard: 'ab*ba' }, ['abba', 'abxba'], ['aba'])
  check({ wildcard: '' }, [], ['', 'x'])
})

test('numeric: one bound, two bounds, or equal; never a string', () => {
  check({ numeric: ['>', 0, '<=', 5] }, [5, 0.1], [0, 5.1, '3', null])
  check({ numeric: ['<', 10] }, [-1e9, 9], [10])
  check({ numeric: ['=', 3.018e2] }, [301.8], [301])
})

test('cidr: addresses of either version, in whatever way an IPv6 one is written', () => {
  check({ cidr: '10.0.0.0/24' }, ['10.0.0.0', '10.0.0.255'], ['10.0.1.0', '10.0.0', '10.0.0.256', '010.0.0.1', 'x', 10])
  check({ cidr: '10.0.0.9/30' }, ['10.0.0.8', '10.0.0.11'], ['10.0.0.12'])
  check({ cidr: '0.0.0.0/0' }, ['1.2.3.4'], ['::1'])
  check(
    { cidr: '2001:db8:1234:1a00::/56' },
    ['2001:db8:1234:1a00::1', '2001:0DB8:1234:1aff:0:0:0:1'],
    ['2001:db8:1234:1b00::', '1.2.3.4'],
  )
  check({ cidr: '::ffff:1.2.3.0/120' }, ['::ffff:1.2.3.4', '::ffff:102:304'], ['1.2.3.4', '::1.2.3.4'])
})

test('exists: true wants a value, which neither an object nor an empty array is; false wants none in the whole event', () => {
  check({ exists: true }, ['', null, 0, [1], false], [[], {}, { y: 1 }, undefined])
  check({ exists: false }, [undefined, [], { y: 1 }], ['', null, [1]])
  assert.ok(matches({ a: { b: { c: [{ exists: false }] } } }, {}))
  assert.ok(matches({ a: { id: [{ exists: true }] } }, { a: [{ x: 1 }, { id: 2 }] }))
  assert.not.ok(matches({ a: { id: [{ exists: false }] } }, { a: [{ x: 1 }, { id: 2 }] }))
  assert.ok(matches({ a: [{ 'anything-but': ['roses'] }, { exists: false }] }, {}))
})

test('anything-but wants a value, of any type, other than those', () => {
  check({ 'anything-but': 'a' }, ['b', null, 1, ['a', 'b']], ['a', undefined, [], {}])
  check({ 'anything-but': [1, 2] }, [3, '1'], [1, 2])
  check({ 'anything-but': { prefix: ['init', 'test'] } }, [12, 'x', null], ['initial', 'test', undefined])
  check({ 'anything-but': { suffix: '.txt' } }, ['a.png'], ['a.txt'])
  check({ 'anything-but': { 'equals-ignore-case': ['A', 'b'] } }, ['c', 1], ['a', 'B'])
  check({ 'anything-but': { wildcard: '*/init/*' } }, ['dir/x', 1], ['dir/init/file'])
  check({ 'anything-but': { wildcard: '' } }, ['dir/init/file'], [])
})

test('$or, at any level, beside other keys; and as a plain name where it cannot be the word', () => {
  const pattern = { s: ['x'], d: { $or: [{ c: [{ numeric: ['>', 0] }] }, { d: { e: [1] } }] } }
  assert.ok(matches(pattern, { s: 'x', d: { c: 1 } }))
  assert.ok(matches(pattern, { s: 'x', d: { c: 0, d: { e: 1 } } }))
  assert.not.ok(matches(pattern, { s: 'x', d: { c: 0 } }))
  assert.not.ok(matches(pattern, { s: 'y', d: { c: 1 } }))
  assert.ok(matches({ $or: ['a', { prefix: 'b' }] }, { $or: 'bc' }))
})

test('names that JavaScript has a meaning for are names', () => {
  assert.not.ok(matches({ constructor: [{ exists: true }] }, {}))
  assert.ok(matches('{"__proto__": ["x"]}', JSON.parse('{"__proto__": "x"}')))
  assert.ok(matches('{"a": {"__proto__": {"b": ["x"]}}}', JSON.parse('{"a.__proto__.b": "x"}')))
  assert.is(({} as { b?: string }).b, undefined)
})

test('an event that is no object, or nested without end, matches nothing that asks for a value', () => {
  for (const event of [null, 1, 'x', [], undefined]) assert.not.ok(matches({ a: [1] }, event))
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  assert.not.ok(matches({ a: [1] }, { a: deep }))
})

test("what is no pattern is refused in AWS's words", () => {
  const cases: [unknown, string][] = [
    [['a'], 'Filter is not an object'],
    [{ r: [] }, 'Empty arrays are not allowed'],
    [{ string: 'my-value' }, '"string" must be an object or an array'],
    [{ int: 42 }, '"int" must be an object or an array'],
    [{ e: [{ NUMERIC: ['=', 5] }] }, 'Unrecognized match type NUMERIC'],
    [{ e: [{ EXISTS: true }] }, 'Unrecognized match type EXISTS'],
    [{ c: [{ numeric: ['>', 0, '>', 0] }] }, 'Bad numeric range operator: >'],
    [{ c: [{ numeric: ['>', 0, '<'] }] }, 'Value of < must be numeric'],
    [{ c: [{ numeric: ['>', 5, '<', 1] }] }, 'Bottom must be less than top'],
    [{ x: [{ 'equals-ignore-case': ['a'] }] }, 'equals-ignore-case match pattern must be a string'],
    [{ x: [{ prefix: ['a'] }] }, 'prefix match pattern must be a string'],
    [{ x: [{ suffix: 123 }] }, 'suffix match pattern must be a string'],
    [{ x: [{ wildcard: 'arn:aws:events:us-east-1:**:event-bus/*' }] }, 'Consecutive wildcard characters at pos 26'],
    [{ x: [{ wildcard: 123 }] }, 'wildcard match pattern must be a string'],
    [{ x: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
    [{ x: [{ cidr: '10.0.0.0/x' }] }, 'Malformed CIDR, mask bits must be an integer'],
    [{ x: [{ cidr: 'xx.11.xx/8' }] }, 'Nonstandard IP address: xx.11.xx'],
    [{ x: [{ cidr: ['bad'] }] }, 'prefix match pattern must be a string'],
    [{ x: [{ 'anything-but': null }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ x: [{ 'anything-but': { prefix: '' } }] }, 'Null prefix/suffix not allowed'],
    [{ x: [{ 'anything-but': { prefix: 123 } }] }, 'prefix/suffix match pattern must be a string'],
    [
      { x: [{ 'anything-but': { suffix: { 'equals-ignore-case': 'a' } } }] },
      'Value of anything-but must be an array or single string/number value.',
    ],
    [
      { x: [{ 'anything-but': { 'equals-ignore-case': [123] } }] },
      'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    ],
  ]
  for (const [pattern, reason] of cases) assert.is(reasonOf(pattern), reason)
  assert.match(reasonOf({ x: [{ wildcard: '*:*:*:*:*:event-bus/*' }] }), /^Rule is too complex/)
  assert.is(reasonOf({ x: [{ wildcard: 'arn:*:events:*:*:event-bus/*' }] }), 'valid')
  assert.match(reasonOf('{'), /JSON/)
  const many = Array.from({ length: 40 }, (_, i) => ({ a: [i] }))
  assert.match(reasonOf({ $or: many, x: { $or: many } }), /^Rule is too complex/)
})

test('SNS has no wildcards', () => {
  assert.throws(() => Pattern.compile({ x: [{ wildcard: '*' }] }, snsFilter), /Unrecognized match type wildcard/)
  assert.ok(Pattern.compile({ x: [{ 'anything-but': { suffix: 'a' } }] }, snsFilter).matches({ x: 'b' }))
})

test.run()
