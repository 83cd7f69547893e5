import { getEventListeners } from 'node:events'
import * as assert from 'uvu/assert'
import { turns, withBroker } from './server/harness.ts'
import { suite } from './suite.ts'

const test = suite('the broker')

/** Waits until its signal fires. */
const forever = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    if (signal.aborted) resolve('at once')
    signal.addEventListener('abort', () => resolve('later'))
  })

test('whoever waits is told when its caller goes away, and when the broker does', () =>
  withBroker(async ({ main }) => {
    const { broker } = main
    const caller = new AbortController()
    const first = broker.waiting(caller.signal, forever)
    const second = broker.waiting(new AbortController().signal, forever)
    caller.abort()
    assert.is(await first, 'later')
    await main.close()
    assert.is(await second, 'later')
    assert.is(await broker.waiting(new AbortController().signal, forever), 'at once')
    assert.is(await broker.waiting(caller.signal, forever), 'at once')
  }))

test('a wait that is over leaves nothing behind, however it ended', () =>
  withBroker(async ({ main: { broker } }) => {
    const caller = new AbortController()
    for (let i = 0; i < 20; i++) await broker.waiting(caller.signal, async () => i)
    await broker.waiting(caller.signal, () => Promise.reject(new Error('failed'))).catch(() => undefined)
    await turns(1)
    for (const signal of [caller.signal, broker.drained]) assert.equal(getEventListeners(signal, 'abort'), [])
  }))

test.run()
