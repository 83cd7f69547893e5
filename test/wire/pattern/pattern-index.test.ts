import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { Pattern, PatternIndex } from '../../../broker/wire/pattern.ts'
import { suite } from '../../suite.ts'
import { referenceMatches } from './reference.ts'

const test = suite('pattern index')

const key = fc.constantFrom('a', 'b', 'c')
const text = fc.constantFrom('', 'x', 'X', 'xy', 'xyx', 'yx', '*')
const scalar = fc.oneof(text, fc.constantFrom(0, 1, 2, 3), fc.constantFrom(true, null))
const number = fc.integer({ min: 0, max: 3 })
const bounds = fc.oneof(
  fc.tuple(fc.constantFrom('<', '<=', '>', '>=', '='), number),
  number.chain((low) =>
    fc.tuple(fc.constantFrom('>', '>='), fc.constant(low), fc.constantFrom('<', '<='), fc.constant(low + 1)),
  ),
)
const some = fc.constantFrom('x', 'xy', 'y')
const condition = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.oneof(text, fc.record({ 'equals-ignore-case': text })).map((prefix) => ({ prefix })),
  fc.oneof(text, fc.record({ 'equals-ignore-case': text })).map((suffix) => ({ suffix })),
  text.map((value) => ({ 'equals-ignore-case': value })),
  fc.constantFrom('', '*', 'x*', '*x', 'x*x', '*y*', '\\*').map((wildcard) => ({ wildcard })),
  bounds.map((numeric) => ({ numeric })),
  fc.boolean().map((exists) => ({ exists })),
  fc
    .oneof(
      text,
      number,
      fc.array(text, { minLength: 1, maxLength: 2 }),
      some.map((prefix) => ({ prefix })),
      some.map((suffix) => ({ suffix: [suffix] })),
    )
    .map((value) => ({ 'anything-but': value })),
)
const leaf = fc.array(condition, { minLength: 1, maxLength: 2 })

const { pattern } = fc.letrec<{ pattern: Record<string, unknown> }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true, maxDepth: 3 },
    fc.dictionary(key, leaf, { minKeys: 1, maxKeys: 2 }),
    fc.dictionary(key, fc.oneof(leaf, tie('pattern')), { minKeys: 1, maxKeys: 3 }),
    fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map(($or) => ({ $or })),
  ),
}))
const { event } = fc.letrec<{ event: Record<string, unknown>; value: unknown }>((tie) => ({
  event: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  value: fc.oneof({ depthSize: 'small', maxDepth: 3 }, scalar, tie('event'), fc.array(tie('value'), { maxLength: 3 })),
}))

type Json = Parameters<typeof referenceMatches>[1]

test('a pattern matches what a plain and slow matcher says it matches', () => {
  let matched = 0
  let total = 0
  fc.assert(
    fc.property(pattern, event, (wanted, given) => {
      const expected = referenceMatches(wanted as Record<string, Json>, given as Json)
      total++
      if (expected) matched++
      assert.is(Pattern.compile(wanted).matches(given), expected)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(matched > total / 20, `enough of the cases match: ${matched} of ${total}`)
})

test('an index of many patterns finds just those that match, also after deletions', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 30, maxLength: 60 }),
      fc.array(event, { minLength: 5, maxLength: 5 }),
      (all, events) => {
        const index = new PatternIndex<number>()
        const compiled = all.map((each) => Pattern.compile(each))
        for (const [item, each] of compiled.entries()) index.set(item, each)
        const check = (kept: (item: number) => boolean) => {
          for (const each of events) {
            const expected = [...compiled.keys()].filter((item) => kept(item) && compiled[item]?.matches(each))
            assert.equal(
              index.match(each).sort((a, b) => a - b),
              expected,
            )
          }
        }
        check(() => true)
        for (const item of compiled.keys()) if (item % 3 === 0) index.delete(item)
        check((item) => item % 3 !== 0)
      },
    ),
    { numRuns: 100 },
  )
})

test('an event meets few of many patterns, whatever they are about', () => {
  const kinds: ((i: number) => Record<string, unknown>)[] = [
    (i) => ({ source: ['shop'], detail: { id: [`id-${i}`] } }),
    (i) => ({
      source: [`shop-${i % 20}`],
      type: [`type-${Math.floor(i / 20) % 20}`],
      detail: { region: [`r-${Math.floor(i / 400)}`] },
    }),
    (i) => ({ source: ['shop'], detail: { path: [{ prefix: `/customers/${i}/` }] } }),
    (i) => ({ detail: { amount: [{ numeric: ['>', i * 10, '<=', i * 10 + 10] }] } }),
    (i) => ({ $or: [{ detail: { id: [`id-${i}`] } }, { detail: { file: [{ wildcard: `*-${i}.png` }] } }] }),
  ]
  const given = {
    source: 'shop',
    type: 'type-3',
    detail: { id: 'id-77', region: 'r-1', path: '/customers/77/x', amount: 773, file: 'a-78.png' },
  }
  for (const [kind, make] of kinds.entries()) {
    const index = new PatternIndex<number>()
    let looked = 0
    for (let i = 0; i < 2_000; i++) {
      const compiled = Pattern.compile(make(i))
      const { fields } = compiled.root
      // Counts how many patterns are matched in full: each begins with its fields.
      Object.defineProperty(compiled.root, 'fields', {
        get: () => {
          looked++
          return fields
        },
      })
      index.set(i, compiled)
    }
    looked = 0
    const found = index.match({ ...given, source: kind === 1 ? 'shop-7' : 'shop' })
    assert.ok(looked <= 3 * found.length + 10, `kind ${kind}: ${looked} looked at for ${found.length}`)
  }
})

test('an item that is set again is filed anew', () => {
  const index = new PatternIndex<string>()
  index.set('rule', Pattern.compile({ a: [1] }))
  index.set('rule', Pattern.compile({ a: [2] }))
  assert.equal([index.size, index.match({ a: 1 }), index.match({ a: 2 })], [1, [], ['rule']])
  for (let i = 0; i < 500; i++) index.set('rule', Pattern.compile({ a: [i] }))
  assert.equal(index.match({ a: 499 }), ['rule'])
})

test.run()
