import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { Retention } from '../../broker/log/retention.ts'
import type { Queue, ReceivedMessage } from '../../broker/modes/queue.ts'
import type { OutgoingMessage, SentMessage } from '../../broker/modes/queue-sender.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { inMemory, onDisk } from '../log/harness.ts'

const test = suite('queue')
const never = new AbortController().signal
const bytes = (text: string) => Buffer.from(text)
const textOf = (message: ReceivedMessage) => Buffer.from(message.body).toString()
const textsOf = (messages: readonly ReceivedMessage[]) => messages.map(textOf)

async function send(queue: Queue, ...messages: (string | (Omit<OutgoingMessage, 'body'> & { text: string }))[]) {
  const outgoing = messages.map((each) => {
    if (typeof each === 'string') return { body: bytes(each) }
    const { text, ...rest } = each
    return { ...rest, body: bytes(text) }
  })
  const results = await queue.send(outgoing)
  for (const result of results) if (result instanceof MillraceError) throw result
  return results as SentMessage[]
}

const receive = (queue: Queue, max = 10, waitMillis = 0, visibilityMillis?: number) =>
  queue.receive({ max, waitMillis, visibilityMillis, signal: never })

async function remove(queue: Queue, ...messages: readonly ReceivedMessage[]): Promise<void> {
  const results = await queue.settle(messages.map(({ handle }) => ({ kind: 'delete', handle })))
  for (const result of results) if (result !== undefined) throw result
}

async function counts(queue: Queue): Promise<number[]> {
  const { visible, inFlight, delayed } = await queue.describe()
  return [visible, inFlight, delayed]
}

const codeOf = (error: MillraceError | undefined) => error?.code

/** Lets whatever is under way in memory come to rest. */
async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('what is sent is received, in order, and gone when it was deleted', () =>
  inMemory(async ({ queues }) => {
    const queue = await queues.create('q')
    const sent = await send(queue, 'a', 'b', 'c')
    assert.equal(await counts(queue), [3, 0, 0])
    const received = await receive(queue)
    assert.equal(textsOf(received), ['a', 'b', 'c'])
    assert.equal(
      received.map(({ id }) => id),
      sent.map(({ id }) => id),
    )
    assert.equal(
      received.map(({ receives }) => receives),
      [1, 1, 1],
    )
    assert.equal(await counts(queue), [0, 3, 0])
    assert.equal(await receive(queue), [])
    await remove(queue, ...received)
    assert.equal(await counts(queue), [0, 0, 0])
  }))

test('a message that was not deleted comes again when its visibility timeout is over, with another handle', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { visibilityMillis: 5_000 })
    await send(queue, 'a')
    const [first] = await receive(queue)
    await clock.advance(4_999)
    assert.equal(await receive(queue), [])
    await clock.advance(1)
    const [second] = await receive(queue)
    assert.is(second?.id, first?.id)
    assert.is.not(second?.handle, first?.handle)
    assert.is(second?.receives, 2)
    assert.is(second?.firstReceivedAt, first?.firstReceivedAt)
    await remove(queue, first as ReceivedMessage)
    await clock.advance(5_000)
    assert.equal(await receive(queue), [], 'a standard queue takes the old handle too')
  }))

test('the visibility of a message in flight is extended, or ended', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { visibilityMillis: 5_000 })
    await send(queue, 'a')
    const [a] = (await receive(queue)) as [ReceivedMessage]
    const change = async (visibilityMillis: number, handle = a.handle) =>
      codeOf((await queue.settle([{ kind: 'visibility', handle, visibilityMillis }]))[0])
    assert.is(await change(10_000), undefined)
    await clock.advance(9_999)
    assert.equal(await receive(queue), [])
    assert.is(await change(0), undefined)
    assert.is(await change(10), 'not_in_flight')
    const [again] = (await receive(queue)) as [ReceivedMessage]
    assert.is(again.receives, 2)
    assert.is(await change(10), 'message_gone', 'the old handle is useless once another has it')
    assert.is(await change(12 * 3_600_000 + 1, again.handle), 'visibility_too_long')
    await remove(queue, again)
    assert.is(await change(10, again.handle), 'message_gone')
    assert.is(await change(10, 'nonsense'), 'handle_invalid')
  }))

test('a long poll wakes at once for a send, a timeout that is over, a delay that is over', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { visibilityMillis: 5_000 })
    const forSend = receive(queue, 10, 20_000)
    await turns()
    await send(queue, 'a')
    assert.equal(textsOf(await forSend), ['a'])
    const forTimeout = receive(queue, 10, 20_000)
    await clock.advance(5_000)
    assert.equal(textsOf(await forTimeout), ['a'])
    const forDelay = receive(queue, 10, 20_000)
    await send(queue, { text: 'late', delayMillis: 3_000 })
    await clock.advance(3_000)
    assert.equal(textsOf(await forDelay), ['late'])
    const inVain = receive(queue, 10, 1_000)
    await clock.advance(1_000)
    assert.equal(await inVain, [])
  }))

test('one message wakes one of those who wait, and who waited longest gets the first', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q')
    const waiting = Array.from({ length: 3 }, () => receive(queue, 10, 20_000))
    await turns()
    await send(queue, '1')
    await send(queue, '2')
    await turns()
    assert.equal(textsOf((await waiting[0]) ?? []), ['1'])
    assert.equal(textsOf((await waiting[1]) ?? []), ['2'])
    await clock.advance(20_000)
    assert.equal(await waiting[2], [])
  }))

test('who left gets nothing, and the message goes to the next', () =>
  inMemory(async ({ queues }) => {
    for (const fifo of [false, true]) {
      const queue = await queues.create(`q${fifo}`, { fifo })
      const leaving = new AbortController()
      const first = queue.receive({ max: 10, waitMillis: 20_000, signal: leaving.signal })
      const second = receive(queue, 10, 20_000)
      await turns()
      const sending = send(queue, { text: 'a', ...(fifo && { group: 'g', deduplicationId: '1' }) })
      leaving.abort()
      await sending
      assert.equal(await first, [])
      const received = await second
      assert.equal(textsOf(received), ['a'])
      assert.is(received[0]?.receives, 1)
    }
  }))

test('a FIFO lease whose receiver left while it was written is given back', () =>
  inMemory(async ({ queues }) => {
    const queue = await queues.create('q.fifo', { fifo: true })
    await send(queue, { text: 'a', group: 'g', deduplicationId: '1' })
    const leaving = new AbortController()
    const first = queue.receive({ max: 1, waitMillis: 20_000, signal: leaving.signal })
    await Promise.resolve()
    leaving.abort()
    assert.equal(await first, [])
    await turns()
    const [again] = await receive(queue)
    assert.is(again?.receives, 1)
  }))

test('a delay of the queue holds for messages that have none of their own', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { delayMillis: 2_000 })
    await send(queue, 'a', { text: 'b', delayMillis: 0 }, { text: 'c', delayMillis: 5_000 })
    assert.equal(await counts(queue), [1, 0, 2])
    assert.equal(textsOf(await receive(queue)), ['b'])
    await clock.advance(2_000)
    assert.equal(await counts(queue), [1, 1, 1])
    assert.equal(textsOf(await receive(queue)), ['a'])
    await clock.advance(3_000)
    assert.equal(textsOf(await receive(queue)), ['c'])
  }))

test('what is older than the retention is gone, in flight or not', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q', { retentionMillis: 60_000, visibilityMillis: 100_000 })
    await send(queue, 'a', 'b')
    await receive(queue, 1)
    await clock.advance(30_000)
    await send(queue, 'c')
    await clock.advance(30_000)
    assert.equal(await counts(queue), [1, 0, 0])
    assert.equal(textsOf(await receive(queue)), ['c'])
  }))

test('a purge deletes all that was sent before it', () =>
  inMemory(async ({ queues, clock }) => {
    const queue = await queues.create('q')
    await send(queue, 'a', 'b', { text: 'c', delayMillis: 1_000 })
    const [a] = await receive(queue, 1)
    await queue.purge()
    assert.equal(await counts(queue), [0, 0, 0])
    await send(queue, 'd')
    await clock.advance(60_000)
    assert.equal(textsOf(await receive(queue)), ['d'])
    assert.equal(await queue.settle([{ kind: 'delete', handle: a?.handle ?? '' }]), [undefined])
  }))

test('a message received too often goes to the dead-letter queue as it was', () =>
  inMemory(async ({ queues, clock }) => {
    const dead = await queues.create('dead')
    const queue = await queues.create('q', { visibilityMillis: 1_000, deadLetter: { queue: 'dead', maxReceives: 2 } })
    const attributes = { n: { type: 'Number', value: '1' } }
    const [sent] = await send(queue, { text: 'a', attributes })
    for (let i = 1; i <= 2; i++) {
      assert.is((await receive(queue))[0]?.receives, i)
      await clock.advance(1_000)
    }
    assert.equal(await receive(queue), [])
    assert.equal(await counts(queue), [0, 0, 0])
    const [buried] = await receive(dead)
    assert.is(buried?.id, sent?.id)
    assert.is(buried?.receives, 3)
    assert.is(buried?.source, 'q')
    assert.is(buried?.sentAt, sent?.time)
    assert.equal(buried?.attributes, attributes)
  }))

test('a message stays where it is while its dead-letter queue does not exist', () =>
  inMemory(async ({ queues, clock }) => {
    await queues.create('dead')
    const queue = await queues.create('q', { visibilityMillis: 1_000, deadLetter: { queue: 'dead', maxReceives: 1 } })
    await queues.delete('dead')
    await send(queue, 'a')
    for (let i = 1; i <= 3; i++) {
      assert.is((await receive(queue))[0]?.receives, i)
      await clock.advance(1_000)
    }
  }))

test('a move task takes dead letters back to where they came from, and can be cancelled', () =>
  inMemory(async ({ queues, clock }) => {
    const dead = await queues.create('dead')
    const queue = await queues.create('q', { deadLetter: { queue: 'dead', maxReceives: 1 } })
    await send(queue, ...Array.from({ length: 25 }, (_, i) => `${i}`))
    for (let got = 0; got < 25; ) got += (await receive(queue, 10, 0, 0)).length
    assert.equal(await receive(queue), [])
    assert.equal(await counts(dead), [25, 0, 0])
    const task = await dead.tasks.start({ perSecondMax: 10 })
    await dead.tasks.start({}).then(
      () => assert.unreachable('one is running'),
      (error: MillraceError) => assert.is(error.code, 'task_running'),
    )
    await turns(30)
    assert.is(dead.tasks.list()[0]?.moved, 10)
    await clock.advance(1_000)
    await turns(30)
    const cancelled = await dead.tasks.cancel(task.id)
    assert.equal([cancelled.status, cancelled.moved, cancelled.total], ['cancelled', 20, 25])
    assert.equal(await counts(dead), [5, 0, 0])
    await dead.tasks.start({})
    await turns(50)
    assert.is(dead.tasks.list()[0]?.status, 'completed')
    assert.equal(await counts(dead), [0, 0, 0])
    const back = await receive(queue, 25)
    assert.is(back.length, 25)
    assert.is(back[0]?.receives, 1)
    assert.is(back[0]?.source, undefined)
  }))

test('a message for nobody fails the task, and is given back', () =>
  inMemory(async ({ queues }) => {
    const dead = await queues.create('dead')
    await send(dead, 'sent here by hand')
    await dead.tasks.start({})
    await turns(30)
    assert.is(dead.tasks.list()[0]?.status, 'failed')
    assert.equal(await counts(dead), [1, 0, 0])
  }))

test('a message in flight at the limit: a standard queue says so, a FIFO queue gives nothing', () =>
  inMemory(
    async ({ queues }) => {
      const standard = await queues.create('q')
      await send(standard, 'a', 'b', 'c', 'd')
      assert.is((await receive(standard, 10)).length, 3)
      await receive(standard).then(
        () => assert.unreachable('it is full'),
        (error: MillraceError) => assert.is(error.code, 'in_flight_limit'),
      )
      const fifo = await queues.create('q.fifo', { fifo: true })
      await send(fifo, ...['a', 'b', 'c', 'd'].map((text) => ({ text, group: text, deduplicationId: text })))
      assert.is((await receive(fifo, 10)).length, 3)
      assert.equal(await receive(fifo), [])
    },
    { queueInFlightMax: 3 },
  ))

test('a noisy group does not starve the others', () =>
  inMemory(async ({ queues }) => {
    const queue = await queues.create('q')
    await send(queue, ...Array.from({ length: 5_000 }, (_, i) => ({ text: `${i}`, group: 'noisy' })))
    await send(queue, ...Array.from({ length: 20 }, (_, i) => ({ text: `quiet ${i}`, group: `quiet ${i}` })))
    let quiet = 0
    let received = 0
    while (quiet < 20 && received < 500) {
      const messages = await receive(queue, 10)
      received += messages.length
      quiet += messages.filter(({ group }) => group !== 'noisy').length
      await remove(queue, ...messages)
    }
    assert.is(quiet, 20, `after ${received} messages`)
    let rest = received
    for (let messages = await receive(queue, 1_000); messages.length > 0; messages = await receive(queue, 1_000)) {
      rest += messages.length
      await remove(queue, ...messages)
    }
    assert.is(rest, 5_020, 'and nothing is lost by it')
  }))

test('deleting a queue ends the waits for its messages; its name is free again and its handles mean nothing', () =>
  inMemory(async ({ queues }) => {
    const queue = await queues.create('q')
    await send(queue, 'a')
    const [a] = await receive(queue)
    const waiting = receive(queue, 1, 20_000)
    await turns()
    await queues.delete('q')
    await waiting.then(
      () => assert.unreachable('it is gone'),
      (error: MillraceError) => assert.is(error.code, 'queue_not_found'),
    )
    const [refused] = await queue.send([{ body: bytes('late') }])
    assert.is(codeOf(refused as MillraceError), 'queue_not_found')
    const second = await queues.create('q')
    assert.equal(await receive(second), [])
    const [result] = await second.settle([{ kind: 'delete', handle: a?.handle ?? '' }])
    assert.is(codeOf(result), 'handle_invalid')
  }))

test('two who create the same queue at once get the same one', () =>
  inMemory(async ({ queues }) => {
    const seen: string[] = []
    const create = () => queues.create('q', {}, ({ name }) => seen.push(name))
    const [a, b] = await Promise.all([create(), create()])
    assert.is(a, b)
    assert.equal(seen, ['q'])
  }))

test('everything survives a restart: backlog, what is in flight, delays, counts, settings', () =>
  onDisk(async (open) => {
    const first = await open()
    const queue = await first.queues.create('q', { visibilityMillis: 5_000 })
    await send(queue, 'a', 'b', 'c', { text: 'late', delayMillis: 8_000 })
    const [a, b] = (await receive(queue, 2)) as [ReceivedMessage, ReceivedMessage]
    await remove(queue, a)
    const before = await counts(queue)
    assert.equal(before, [1, 1, 1])
    await first.close()
    const second = await open()
    const again = second.queues.get('q')
    assert.equal(await counts(again), before)
    assert.equal(again.settings, queue.settings)
    assert.equal(textsOf(await receive(again)), ['c'])
    await remove(again, b)
    await second.clock.advance(5_000)
    assert.equal(textsOf(await receive(again)), ['c'])
    await second.clock.advance(3_000)
    assert.equal(textsOf(await receive(again)), ['late'])
    await second.close()
  }))

test('stragglers are appended again, so that old segments go; they keep handle, id and count', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 20_000, retentionPassMillis: 1e9 }
    const clock = new ManualClock()
    for (const fifo of [false, true]) {
      const floors = await open(bounds, clock)
      const queue = await floors.queues.create(`q${fifo}`, { fifo, visibilityMillis: 100_000 })
      const message = (i: number) => ({
        text: `${i}`.padEnd(500, '.'),
        ...(fifo && { group: i % 50 === 3 ? 'slow' : `g${i}`, deduplicationId: `${i}` }),
      })
      await send(queue, message(0), message(1), message(2), message(3))
      const first = await receive(queue)
      const kept = first.slice(3)
      await remove(queue, ...first.slice(0, 3))
      for (let i = 4; i < 200; i += 4) await send(queue, ...[0, 1, 2, 3].map((k) => message(i + k)))
      for (let messages = await receive(queue); messages.length > 0; messages = await receive(queue)) {
        await remove(queue, ...messages)
      }
      assert.is(kept.length, 1)
      const segments = floors.store.segments().length
      assert.ok(segments > 4, `${segments} segments`)
      await clock.advance(6 * 60_000)
      await new Retention(floors.logs, Number.POSITIVE_INFINITY, () => undefined).run()
      assert.ok(floors.store.segments().length <= 2, `${floors.store.segments().length} segments are left`)
      const path = await floors.close().then(() => open(bounds, clock))
      const again = path.queues.get(`q${fifo}`)
      const [straggler, ...rest] = await receive(again)
      assert.is(straggler?.id, kept[0]?.id)
      assert.is(straggler?.sequence, kept[0]?.sequence)
      assert.is(straggler?.sentAt, kept[0]?.sentAt)
      assert.is(straggler?.receives, 2)
      if (fifo)
        assert.equal(
          rest.map(({ group }) => group),
          ['slow', 'slow', 'slow'],
        )
      await remove(again, ...(await receive(again)), straggler as ReceivedMessage, ...rest)
      assert.equal(await counts(again), [0, 0, 0])
      await path.close()
    }
  }))

test.run()
