import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quantityText } from '../../bench/quantity.ts'
import { reportText } from '../../bench/report.ts'
import { sampleResult } from './harness.ts'

const test = suite('report')

test('figures have three significant digits, and counts their letter', () => {
  assert.is(quantityText(1_234_567, 'records/s'), '1.23 M')
  assert.is(quantityText(45_678, 'records/s'), '45.7 k')
  assert.is(quantityText(9_876, 'records/s'), '9,876')
  assert.is(quantityText(999_900, 'records/s'), '1 M')
  assert.is(quantityText(0.012_345, 'ms'), '0.0123')
  assert.is(quantityText(12_345.6, 'ms'), '12,346')
  assert.is(quantityText(0, 'ms'), '0')
})

test('a line gives the median with its spread, and behind a rival ours divided by it', () => {
  const text = reportText(sampleResult('append'))
  assert.match(text, /\| +1 M \(900 k to 1\.2 M\) \| +40 k \(20 k to 50 k\) 25x \|/)
})

test('durability of all who took part, and who did not and why, stand above the figures', () => {
  const text = reportText(sampleResult('append'))
  assert.match(text, '- **millrace**: millrace 0.1.0; flushed')
  assert.match(text, '- **nats**: nats-server v2.9.10; page cache')
  assert.match(text, '- **redis-always**: not measured: there is no redis-server in PATH')
})

test('a target says what was asked, what was reached and whether that is enough', () => {
  const base = { what: 'append', case: '128 B', metric: 'acknowledged' }
  const text = reportText(
    sampleResult('append', {
      targets: [
        { ...base, against: 'nats', atLeast: 10, reached: 25, met: true },
        { ...base, atMost: 100, reached: 250, met: false },
        { ...base, against: 'redis-always', atLeast: 3 },
      ],
    }),
  )
  assert.match(text, /\| append +\| +>= 10x \| +25x \| yes/)
  assert.match(text, /\| append +\| +<= 100 \| +250 \| no/)
  assert.match(text, /\| append +\| +>= 3x \| not measured \|/)
})

test.run()
