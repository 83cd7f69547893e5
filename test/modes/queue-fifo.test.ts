import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import type { Queue, ReceivedMessage } from '../../broker/modes/queue.ts'
import type { SentMessage } from '../../broker/modes/queue-sender.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { inMemory, onDisk, openFloors } from '../log/harness.ts'
import { KeptStore } from '../log/kept-store.ts'

const test = suite('FIFO queue')
const never = new AbortController().signal
const textOf = (message: ReceivedMessage) => Buffer.from(message.body).toString()
const textsOf = (messages: readonly ReceivedMessage[]) => messages.map(textOf)

/** Sends messages named like `g1-m1`, whose group is what comes before the dash. */
async function send(queue: Queue, ...texts: string[]): Promise<SentMessage[]> {
  const messages = texts.map((text) => ({ body: Buffer.from(text), group: text.split('-')[0], deduplicationId: text }))
  return (await queue.send(messages)) as SentMessage[]
}

const receive = (queue: Queue, max = 10, visibilityMillis?: number) =>
  queue.receive({ max, waitMillis: 0, visibilityMillis, signal: never })

const remove = (queue: Queue, ...messages: readonly (ReceivedMessage | undefined)[]) =>
  queue.settle(messages.map((each) => ({ kind: 'delete', handle: each?.handle ?? '' })))

const hide = (queue: Queue, message: ReceivedMessage | undefined, visibilityMillis: number) =>
  queue.settle([{ kind: 'visibility', handle: message?.handle ?? '', visibilityMillis }])

test('a receive takes all it can of the oldest group, then of the next', () =>
  inMemory(async ({ queues }) => {
    const queue = await queues.create('q', { fifo: true })
    await send(queue, 'g1-m1', 'g2-m1', 'g1-m2', 'g3-m1', 'g1-m3')
    assert.equal(textsOf(await receive(queue, 4)), ['g1-m1', 'g1-m2', 'g1-m3', 'g2-m1'])
    assert.equal(textsOf(await receive(queue)), ['g3-m1'])
  }))

test('a group is locked while any of its messages is in flight; deleting the last of them unlocks it', () =>
  inMemory(async ({ queues }) => {
    const queue = await queues.create('q', { fifo: true })
    await send(queue, 'g1-m1', 'g1-m2', 'g1-m3')
    const [m1, m2] = await receive(queue, 2)
    assert.equal(await receive(queue), [])
    await remove(queue, m1)
    assert.equal(await receive(queue), [])
    const waiting = queue.receive({ max: 10, waitMillis: 20_000, signal: never })
    await remove(queue, m2)
    assert.equal(textsOf(await waiting), ['g1-m3'])
  }))

test('what is hidden longer hides all behind it in its group, and what is before it comes again', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { fifo: true, visibilityMillis: 10_000 })
    await send(queue, 'g1-m1', 'g1-m2', 'g1-m3', 'g1-m4')
    const received = await receive(queue, 3)
    await hide(queue, received[1], 60_000)
    await clock.advance(10_000)
    assert.equal(textsOf(await receive(queue)), ['g1-m1'])
    await clock.advance(50_000)
    assert.equal(textsOf(await receive(queue)), ['g1-m1', 'g1-m2', 'g1-m3', 'g1-m4'])
  }))

test('what was not deleted in time comes again in order, and its old handle has expired', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { fifo: true, visibilityMillis: 1_000 })
    await send(queue, 'g1-m1', 'g1-m2')
    const first = await receive(queue)
    await clock.advance(1_000)
    assert.equal(
      (await remove(queue, first[0])).map((error) => error?.code),
      ['handle_expired'],
    )
    const second = await receive(queue)
    assert.equal(textsOf(second), ['g1-m1', 'g1-m2'])
    assert.equal(
      (await remove(queue, first[0])).map((error) => error?.code),
      ['handle_expired'],
    )
    assert.equal(await remove(queue, ...second), [undefined, undefined])
    assert.equal(await remove(queue, ...second), [undefined, undefined], 'again is as good as once')
  }))

test('a message sent twice within five minutes is stored once, even after it was deleted', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { fifo: true })
    const [first] = await send(queue, 'g-a')
    await remove(queue, ...(await receive(queue)))
    await clock.advance(299_999)
    const [again] = await send(queue, 'g-a')
    assert.equal({ ...again, duplicate: false }, first)
    assert.is(again?.duplicate, true)
    assert.equal(await receive(queue), [])
    await clock.advance(1)
    const [fresh] = await send(queue, 'g-a')
    assert.is(fresh?.duplicate, false)
    assert.is.not(fresh?.id, first?.id)
    const both = await send(queue, 'g-b', 'g-b')
    assert.equal(
      both.map(({ sequence }) => sequence),
      [both[0]?.sequence, both[0]?.sequence],
      'in one call too',
    )
  }))

test('ids are told apart by group where that is asked for, and made from the body where it is', () =>
  inMemory(async ({ queues }) => {
    const options = { fifo: true, deduplicationByGroup: true, contentBasedDeduplication: true }
    const queue = await queues.create('q', options)
    const body = Buffer.from('same')
    const results = await queue.send([
      { body, group: 'g1' },
      { body, group: 'g2' },
      { body, group: 'g1' },
      { body, group: 'g1', deduplicationId: 'another' },
    ])
    assert.equal(
      results.map((each) => (each as SentMessage).duplicate),
      [false, false, true, false],
    )
    const received = await receive(queue)
    assert.is(received[0]?.deduplicationId, '0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5')
  }))

test('ids survive a restart, those of sealed segments and of deleted messages included, and a purge forgets them', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 5_000 }
    const clock = new ManualClock()
    const first = await open(bounds, clock)
    const queue = await first.queues.create('q', { fifo: true })
    for (let i = 0; i < 60; i++) await send(queue, `g${i}-${'x'.repeat(200)}`)
    await remove(queue, ...(await receive(queue)))
    assert.ok(first.store.segments().length > 2)
    await first.close()
    await clock.advance(200_000)
    const second = await open(bounds, clock)
    const again = second.queues.get('q')
    for (let i = 0; i < 60; i++) {
      const [sent] = await send(again, `g${i}-${'x'.repeat(200)}`)
      assert.equal([sent?.duplicate, sent?.sequence], [true, i])
    }
    await again.purge()
    assert.is((await send(again, `g0-${'x'.repeat(200)}`))[0]?.duplicate, false)
    await second.close()
  }))

test('ids survive a crash between a snapshot and the seal that it is for', async () => {
  const kept = new KeptStore()
  const crashing = kept.open()
  crashing.seal = async () => {
    await crashing.crash()
    throw new MillraceError('store_failed', { reason: 'the process crashed' })
  }
  const clock = new ManualClock()
  const before = await openFloors(crashing, { segmentBytesMax: 1 }, clock)
  await send(await before.queues.create('q', { fifo: true }), 'g1-m1')
  const [refused] = await before.queues.get('q').send([{ body: Buffer.from('x'), group: 'g', deduplicationId: 'x' }])
  assert.instance(refused, MillraceError)
  const after = await openFloors(kept.open(), {}, clock)
  const [again, fresh] = await send(after.queues.get('q'), 'g1-m1', 'g1-m2')
  assert.is(again?.duplicate, true)
  assert.is(fresh?.duplicate, false)
  await after.close()
})

test('a locked group stays locked over a restart, and its order is kept', () =>
  onDisk(async (open) => {
    const clock = new ManualClock()
    const first = await open({}, clock)
    const queue = await first.queues.create('q', { fifo: true, visibilityMillis: 10_000 })
    await send(queue, 'g1-m1', 'g1-m2', 'g2-m1', 'g1-m3')
    const [m1] = await receive(queue, 1)
    await first.close()
    const second = await open({}, clock)
    const again = second.queues.get('q')
    assert.equal(textsOf(await receive(again)), ['g2-m1'])
    await remove(again, m1)
    assert.equal(textsOf(await receive(again)), ['g1-m2', 'g1-m3'])
    await second.close()
  }))

test('the same receive attempt gets the same messages with the same handles, unless something happened to them', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { fifo: true, visibilityMillis: 10_000 })
    await send(queue, 'g1-m1', 'g1-m2', 'g2-m1')
    const attempt = (attemptId: string) => queue.receive({ max: 2, waitMillis: 0, attemptId, signal: never })
    const first = await attempt('one')
    await clock.advance(9_000)
    assert.equal(await attempt('one'), first)
    await clock.advance(9_000)
    assert.equal(textsOf(await receive(queue)), ['g2-m1'], 'the attempt made the others invisible for longer')
    await remove(queue, first[0])
    assert.equal(textsOf(await attempt('one')), [])
  }))

test('a message without what FIFO needs is refused, and the others of its batch keep their order', () =>
  inMemory(async ({ queues }) => {
    const queue = await queues.create('q', { fifo: true })
    const body = Buffer.from('x')
    const results = await queue.send([
      { body, deduplicationId: '1' },
      { body, group: 'g', deduplicationId: '2' },
      { body, group: 'g' },
      { body, group: 'g', deduplicationId: '3', delayMillis: 1 },
      { body: Buffer.alloc(1024 * 1024 + 1), group: 'g', deduplicationId: '4' },
      { body, group: 'g', deduplicationId: '5', delayMillis: 0 },
    ])
    assert.equal(
      results.map((each) => (each instanceof MillraceError ? each.code : each.sequence)),
      ['group_required', 0, 'deduplication_required', 'delay_not_allowed', 'message_too_large', 1],
    )
  }))

test('a delay holds for the whole queue, those that were sent before it included, and locks nobody out', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { fifo: true, delayMillis: 2_000 })
    await send(queue, 'g1-m1')
    await clock.advance(1_000)
    await send(queue, 'g2-m1')
    const waiting = queue.receive({ max: 10, waitMillis: 20_000, signal: never })
    await clock.advance(1_000)
    assert.equal(textsOf(await waiting), ['g1-m1'])
    await clock.advance(1_000)
    assert.equal(textsOf(await receive(queue)), ['g2-m1'])
    await send(queue, 'g3-m1')
    await queues.configure('q', (settings) => ({ ...settings, delayMillis: 0 }))
    assert.equal(textsOf(await receive(queue)), ['g3-m1'])
  }))

test.run()
