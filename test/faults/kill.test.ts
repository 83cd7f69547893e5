import * as assert from 'uvu/assert'
import { effort } from '../random.ts'
import { within } from '../server/harness.ts'
import { suite } from '../suite.ts'
import { running } from './run.ts'

const test = suite('killed brokers')

test('100 times killed: all that was acknowledged is there, once, in order; nobody saw what is gone or changed', () =>
  running({}, async (run) => {
    const cycles = 100 * effort
    for (let i = 0; i < cycles; i++) await run.cycle()
    await run.settle()
    const { acknowledged, seen, violations } = run.ledger
    console.log(`${acknowledged} records acknowledged, ${seen} places seen, up to ${run.shards} shards a stream`)
    assert.equal(violations.slice(0, 20), [])
    assert.ok(acknowledged > cycles * 20 && seen > acknowledged / 2, 'there was a load')
  }))

test('an engine that acknowledges before it has written is caught', () =>
  running({ hastyMillis: 40 }, async (run) => {
    for (let i = 0; i < 6 && run.ledger.violations.length === 0; i++) await run.cycle()
    await within(run.settle(), 'it settles', 60_000)
    const { violations } = run.ledger
    assert.ok(
      violations.some((violation) => /was acknowledged at .* which holds/.test(violation)),
      `${violations.length} violations: ${violations.slice(0, 3)}`,
    )
  }))

test.run()
