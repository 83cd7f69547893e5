import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { running } from './run.ts'

const test = suite('brokers asked to go')

test('10 times asked to go under load: everybody is told, all that was acknowledged is there, once, in order', () =>
  running({}, async (run) => {
    for (let i = 0; i < 10; i++) await run.cycle('SIGTERM')
    await run.settle()
    const { acknowledged, seen, violations } = run.ledger
    assert.equal(violations.slice(0, 20), [])
    assert.ok(acknowledged > 200 && seen > acknowledged / 2, 'there was a load')
  }))

test.run()
