import * as assert from 'uvu/assert'
import { ByteBudget } from '../../broker/server/byte-budget.ts'
import { suite } from '../suite.ts'

const test = suite('byte budget')
const never = new AbortController().signal

/** Takes and says, in `log`, when it had what it asked for. */
async function take(budget: ByteBudget, bytes: number, log: string[], name: string): Promise<() => void> {
  const release = await budget.take(bytes, never)
  log.push(name)
  return release
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('who finds too few left waits in line, and the small do not overtake the large', async () => {
  const budget = new ByteBudget(100)
  const log: string[] = []
  const first = await take(budget, 80, log, 'first')
  const large = take(budget, 90, log, 'large')
  const small = take(budget, 10, log, 'small')
  await turn()
  assert.equal(log, ['first'])
  first()
  ;(await large)()
  ;(await small)()
  assert.equal(log, ['first', 'large', 'small'])
})

test('more than there is gets all there is', async () => {
  const budget = new ByteBudget(100)
  const log: string[] = []
  const all = await take(budget, 1_000, log, 'all')
  const next = take(budget, 1, log, 'next')
  await turn()
  assert.equal(log, ['all'])
  all()
  ;(await next)()
  ;(await take(budget, 100, log, 'whole again'))()
})

test('who gives up while waiting leaves the line, and those behind move up', async () => {
  const budget = new ByteBudget(100)
  const log: string[] = []
  const held = await take(budget, 50, log, 'held')
  const impatient = new AbortController()
  const refused = budget.take(80, impatient.signal).then(
    () => 'had it',
    (error: Error) => error.message,
  )
  const behind = take(budget, 50, log, 'behind')
  impatient.abort(new Error('gave up'))
  assert.is(await refused, 'gave up')
  ;(await behind)()
  held()
  const gone = new AbortController()
  gone.abort(new Error('gone before'))
  const full = await take(budget, 100, log, 'full')
  await budget.take(1, gone.signal).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'gone before'),
  )
  full()
})

test.run()
