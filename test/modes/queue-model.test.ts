import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { positionAtTime } from '../../broker/log/positions.ts'
import { Retention } from '../../broker/log/retention.ts'
import type { Queue, ReceivedMessage } from '../../broker/modes/queue.ts'
import { rescueMessages } from '../../broker/modes/queue-rescue.ts'
import type { OutgoingMessage } from '../../broker/modes/queue-sender.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { type Floors, openFloors } from '../log/harness.ts'
import { type CrashableStore, KeptStore } from '../log/kept-store.ts'
import { type ModelHandle, ModelQueue, type ModelSettings } from './queue-model.ts'
import { Random } from './random.ts'

const test = suite('queue model')
const never = new AbortController().signal
const histories = Number(process.env['MILLRACE_HISTORIES'] ?? 2_000)
const seed = Number(process.env['MILLRACE_SEED'] ?? 20_260_101)
const steps = 40

/** Small segments, so that a history seals, snapshots and rescues. */
const bounds = { segmentBytesMax: 4_000, retentionPassMillis: 1e12, queueLookAheadMax: 50 }

interface KnownHandle extends ModelHandle {
  readonly queue: string
  readonly handle: string
}

/** One random history of two queues, one the dead-letter queue of the other, beside the model. */
class History {
  readonly #random: Random
  readonly #kept = new KeptStore()
  readonly #models = new Map<string, ModelQueue>()
  readonly #handles: KnownHandle[] = []
  readonly log: string[] = []
  #clock = new ManualClock()
  #store: CrashableStore = this.#kept.open()
  #floors: Floors | undefined
  #texts = 0
  readonly #fifo: boolean
  readonly #grouped: boolean

  constructor(random: Random) {
    this.#random = random
    this.#fifo = random.chance(0.5)
    this.#grouped = this.#fifo || random.chance(0.5)
  }

  async run(): Promise<void> {
    await this.#reopen()
    await this.#create()
    for (let i = 0; i < steps; i++) {
      await this.#step()
      await this.#compare()
    }
    await this.#drainAll()
    await this.#floors?.close()
  }

  async #create(): Promise<void> {
    const random = this.#random
    const fifo = this.#fifo
    const settings = (maxReceives: number | undefined): ModelSettings => ({
      fifo,
      visibilityMillis: random.of([0, 1_000, 30_000]),
      delayMillis: random.of([0, 0, 0, 2_000]),
      retentionMillis: random.of([60_000, 345_600_000]),
      maxReceives,
    })
    // Dead letters keep the time they were sent: where they expire, counts are exact only once somebody looked at them.
    const dead = { ...settings(undefined), retentionMillis: 345_600_000 }
    const main = settings(random.of([undefined, 1, 2, 3]))
    for (const [name, chosen] of Object.entries({ dead, main })) {
      this.#models.set(name, new ModelQueue(chosen))
      const { maxReceives, ...rest } = chosen
      const deadLetter = maxReceives === undefined ? {} : { deadLetter: { queue: 'dead', maxReceives } }
      await this.#queues.create(name, { ...rest, ...deadLetter })
    }
    this.log.push(`create ${JSON.stringify([...this.#models.values()].map((each) => each.settings))}`)
  }

  get #queues() {
    return (this.#floors as Floors).queues
  }

  get #now(): number {
    return this.#clock.now()
  }

  #queue(name: string): Queue {
    return this.#queues.get(name)
  }

  #model(name: string): ModelQueue {
    return this.#models.get(name) as ModelQueue
  }

  async #reopen(): Promise<void> {
    await this.#store.crash()
    // The timers of the one that crashed must not fire any more.
    this.#clock = new ManualClock(this.#clock.now())
    this.#store = this.#kept.open()
    this.#floors = await openFloors(this.#store, bounds, this.#clock)
  }

  async #step(): Promise<void> {
    const name = this.#random.chance(0.8) ? 'main' : 'dead'
    const kind = this.#random.weighted({
      send: 8,
      receive: 8,
      delete: 6,
      visibility: 3,
      giveBack: 2,
      advance: 5,
      crash: 2,
      crashAmid: 2,
      retention: 1,
      rescue: 2,
      purge: 0.3,
      configure: 1,
      move: 1,
    })
    this.log.push(`${kind} ${name}`)
    if (kind === 'send') await this.#send(name)
    else if (kind === 'receive') await this.#receive(name)
    else if (kind === 'delete') await this.#delete()
    else if (kind === 'visibility') await this.#visibility()
    else if (kind === 'giveBack') await this.#giveBack()
    else if (kind === 'advance') await this.#advance(this.#random.of([1, 500, 1_000, 2_000, 29_000, 61_000, 301_000]))
    else if (kind === 'crash') await this.#crash()
    else if (kind === 'crashAmid') await this.#crashAmid(name)
    else if (kind === 'retention') await this.#retention()
    else if (kind === 'rescue') await this.#rescue(name)
    else if (kind === 'purge') await this.#purge(name)
    else if (kind === 'configure') await this.#configure(name)
    else await this.#move()
  }

  #messages(): (OutgoingMessage & { text: string })[] {
    const random = this.#random
    return Array.from({ length: random.integer(1, 5) }, () => {
      const text = `m${this.#texts++}`.padEnd(random.of([5, 100, 700]), '.')
      const group = this.#grouped ? `g${random.integer(0, 3)}` : undefined
      return {
        text,
        body: Buffer.from(text),
        group,
        ...(this.#fifo
          ? { deduplicationId: random.chance(0.3) ? `d${random.integer(0, 3)}` : text }
          : { delayMillis: random.of([undefined, undefined, 0, 1_500]) }),
      }
    })
  }

  #send(name: string): Promise<void> {
    return this.#sendAll(name, this.#messages())
  }

  async #sendAll(name: string, messages: readonly (OutgoingMessage & { text: string })[]): Promise<void> {
    const results = await this.#queue(name).send(messages)
    for (const [i, result] of results.entries()) {
      if (result instanceof MillraceError) throw result
      this.#sent(name, messages[i] as OutgoingMessage & { text: string }, result.sequence, result.duplicate)
    }
  }

  /** Tells the model that a message was sent. */
  #sent(name: string, message: OutgoingMessage & { text: string }, identity: number, duplicate: boolean): void {
    const model = this.#model(name)
    const { text, group, deduplicationId } = message
    if (deduplicationId !== undefined) {
      const known = model.duplicated(deduplicationId, this.#now)
      assert.is(duplicate, known !== undefined, `${text} is a duplicate of ${known?.text}`)
      if (known !== undefined) {
        assert.is(identity, known.order)
        return
      }
      model.ids.set(deduplicationId, { text, time: this.#now, order: identity })
    }
    const delay = message.delayMillis ?? model.settings.delayMillis
    model.add({
      text,
      group,
      sentAt: this.#now,
      identity,
      due: this.#now + delay,
      count: 0,
      base: 0,
      visibleAt: 0,
      lastReceivedAt: 0,
      seen: false,
    })
  }

  async #receive(name: string): Promise<void> {
    const max = this.#random.integer(1, 10)
    const visibilityMillis = this.#random.of([undefined, 0, 1_000, 40_000])
    const model = this.#model(name)
    model.expire(this.#now)
    const before = model.messages.filter((each) => model.isOpen(each, this.#now))
    const received = await this.#queue(name).receive({ max, waitMillis: 0, visibilityMillis, signal: never })
    await this.#idle()
    const buried = this.#buried(name)
    this.#received(name, received, visibilityMillis)
    if (received.length === max) return
    // What could have been received and was not must have gone, or its group been locked by what was.
    // A FIFO queue reads up to the first message that is delayed; longer delays may come into force for messages behind it.
    const delayed = model.messages.find((each) => this.#fifo && model.isDelayed(each, this.#now))?.order ?? Infinity
    for (const message of before) {
      // A message that is being buried locks its group until it is.
      if (message.order > delayed || (this.#fifo && buried.has(message.group))) continue
      if (!model.messages.includes(message) || received.some((each) => textOf(each) === message.text)) continue
      assert.not.ok(model.isOpen(message, this.#now), `${message.text} was not received`)
    }
  }

  #received(name: string, received: readonly ReceivedMessage[], visibilityMillis: number | undefined): void {
    const model = this.#model(name)
    const open = new Set(model.messages.filter((each) => model.isOpen(each, this.#now)))
    const seen = new Set<string>()
    for (const each of received) {
      const text = textOf(each)
      const message = model.find(text)
      assert.ok(message !== undefined, `${text} is not there`)
      assert.not.ok(seen.has(text), `${text} came twice`)
      assert.ok(open.has(message), `${text} could not be received`)
      assert.not.ok(model.isDying(message), `${text} was received too often`)
      const earlier = model.messages.filter((other) => other.group === message.group && other.order < message.order)
      if (this.#fifo)
        assert.ok(
          earlier.every((other) => seen.has(other.text)),
          `${text} came before its turn`,
        )
      seen.add(text)
      assert.is(each.receives, message.count + 1)
      assert.is(each.group, message.group)
      assert.is(each.sentAt, message.sentAt)
      if (message.identity !== undefined) assert.is(each.sequence, message.identity)
      message.identity = each.sequence
      this.#handles.push({ queue: name, text, handle: each.handle, count: each.receives, identity: each.sequence })
    }
    for (const text of seen) {
      const message = model.find(text)
      if (message === undefined) continue
      message.count++
      message.seen = true
      message.visibleAt = this.#now + (visibilityMillis ?? model.settings.visibilityMillis)
      message.lastReceivedAt = this.#now
    }
  }

  /** Messages that were received as often as they may be, and are no longer in main, must be in dead. Returns their groups. */
  #buried(name: string): Set<string | undefined> {
    const groups = new Set<string | undefined>()
    if (name !== 'main') return groups
    const model = this.#model('main')
    const queue = this.#queue('main')
    for (const message of [...model.messages].sort((a, b) => a.order - b.order)) {
      if (message.identity === undefined || !queue.state.isGone(message.identity)) continue
      assert.ok(model.isDying(message) && model.isVisible(message, this.#now), `${message.text} is gone`)
      model.remove(message.text)
      groups.add(message.group)
      const sentAt = this.#fifo ? this.#now : message.sentAt
      const { text, group, count } = message
      const fresh = {
        text,
        group,
        sentAt,
        identity: undefined,
        due: 0,
        count,
        base: count,
        visibleAt: 0,
        lastReceivedAt: 0,
        seen: false,
      }
      this.#model('dead').add(fresh)
    }
    return groups
  }

  async #delete(): Promise<void> {
    const known = this.#random.of(this.#handles)
    if (known === undefined) return
    const { queue, text, handle, count } = known
    this.#model(queue).expire(this.#now)
    await this.#queue(queue).expire()
    const [result] = await this.#queue(queue).settle([{ kind: 'delete', handle }])
    assert.is(result?.code, this.#model(queue).delete(known, this.#now), `delete ${text} ${count}`)
  }

  async #visibility(): Promise<void> {
    const known = this.#random.of(this.#handles)
    if (known === undefined) return
    const { queue, text, handle, count } = known
    this.#model(queue).expire(this.#now)
    await this.#queue(queue).expire()
    const visibilityMillis = this.#random.of([0, 500, 60_000, 12 * 3_600_000])
    const [result] = await this.#queue(queue).settle([{ kind: 'visibility', handle, visibilityMillis }])
    const expected = this.#model(queue).changeVisibility(known, visibilityMillis, this.#now)
    assert.is(result?.code, expected, `change ${text} ${count} to ${visibilityMillis}`)
  }

  async #giveBack(): Promise<void> {
    const known = this.#random.of(this.#handles)
    if (known === undefined) return
    const { queue, text, handle, count } = known
    this.#model(queue).expire(this.#now)
    await this.#queue(queue).expire()
    const [result] = await this.#queue(queue).settle([{ kind: 'return', handle }])
    assert.is(result?.code, this.#model(queue).giveBack(known, this.#now), `return ${text} ${count}`)
  }

  async #advance(millis: number): Promise<void> {
    await this.#clock.advance(millis)
  }

  async #idle(): Promise<void> {
    await this.#floors?.logs.committer.idle()
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Between two steps: everything that was answered is durable, and so is what nobody waits for. */
  async #crash(): Promise<void> {
    await this.#idle()
    await this.#reopen()
  }

  /** Amid a send and a delete: each is there or not, and what was acknowledged is there. */
  async #crashAmid(name: string): Promise<void> {
    await this.#idle()
    const model = this.#model(name)
    model.expire(this.#now)
    const messages = this.#messages()
    const handle = this.#random.of(this.#handles.filter((each) => each.queue === name && model.ofHandle(each)))
    let sent: readonly unknown[] | undefined
    let deleted: { code: string | undefined } | undefined
    const queue = this.#queue(name)
    const identity = handle?.identity
    queue.send(messages).then((results) => {
      if (results.every((each) => !(each instanceof MillraceError))) sent = results
    }, assert.unreachable)
    if (handle !== undefined) {
      queue.settle([{ kind: 'delete', handle: handle.handle }]).then(([result]) => {
        if (result?.code !== 'store_failed') deleted = { code: result?.code }
      }, assert.unreachable)
    }
    for (let turns = this.#random.integer(0, 4); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve))
    await this.#reopen()
    this.#resolveSends(name, messages, sent !== undefined)
    if (handle !== undefined && identity !== undefined) {
      const gone = this.#queue(name).state.isGone(identity)
      if (deleted !== undefined)
        assert.is(gone, deleted.code === undefined, `${handle.text} after an acknowledged delete`)
      if (gone) model.remove(handle.text)
    }
    // Who heard nothing sends again: what is there is a duplicate, whether or not it was acknowledged.
    if (this.#fifo && this.#random.chance(0.5)) await this.#sendAll(name, messages)
  }

  /** Reads from the log which of the messages are there. */
  #resolveSends(name: string, messages: readonly (OutgoingMessage & { text: string })[], acknowledged: boolean): void {
    const { shard } = this.#queue(name)
    const first = this.#lastSequence.get(name) ?? 0
    const stored = shard.next - first
    const ids = new Set<string>()
    const fresh = messages.filter(({ deduplicationId: id }) => {
      if (id === undefined) return true
      if (ids.has(id) || this.#model(name).duplicated(id, this.#now) !== undefined) return false
      ids.add(id)
      return true
    })
    assert.ok(stored === 0 || stored === fresh.length, `${stored} of ${fresh.length} messages are there`)
    if (acknowledged) assert.is(stored, fresh.length, 'acknowledged messages are there')
    if (stored > 0) for (const [i, message] of fresh.entries()) this.#sent(name, message, first + i, false)
  }

  readonly #lastSequence = new Map<string, number>()

  async #retention(): Promise<void> {
    await new Retention((this.#floors as Floors).logs, Number.POSITIVE_INFINITY, (error) => {
      throw error
    }).run()
  }

  /** Appends again what is older than any delay. */
  async #rescue(name: string): Promise<void> {
    const { logs } = this.#floors as Floors
    const queue = this.#queue(name)
    await rescueMessages(queue, queue.state.gone.floor, await positionAtTime(logs, queue.shard, this.#now - 2_000))
  }

  async #purge(name: string): Promise<void> {
    await this.#queue(name).purge()
    const model = this.#model(name)
    model.messages = []
    model.ids.clear()
  }

  async #configure(name: string): Promise<void> {
    const { settings } = this.#model(name)
    const visibilityMillis = this.#random.of([0, 1_000, 30_000])
    const delayMillis = this.#random.of([0, 2_000])
    await this.#queues.configure(name, (each) => ({ ...each, visibilityMillis, delayMillis }))
    settings.visibilityMillis = visibilityMillis
    settings.delayMillis = delayMillis
  }

  /** Moves the dead letters that can be received to main. */
  async #move(): Promise<void> {
    const dead = this.#model('dead')
    const main = this.#model('main')
    dead.expire(this.#now)
    const delayed = dead.messages.find((each) => this.#fifo && dead.isDelayed(each, this.#now))?.order ?? Infinity
    const moved = dead.messages.filter((each) => dead.isOpen(each, this.#now) && each.order < delayed)
    const { id } = await this.#queue('dead').tasks.start({ destination: 'main' })
    const status = () =>
      this.#queue('dead')
        .tasks.list()
        .find((each) => each.id === id)?.status
    while (status() === 'running') await new Promise((resolve) => setImmediate(resolve))
    assert.is(status(), 'completed')
    for (const { text, group } of moved) {
      dead.remove(text)
      const rest = { identity: undefined, due: 0, count: 0, base: 0, visibleAt: 0, lastReceivedAt: 0, seen: false }
      main.add({ text, group, sentAt: this.#now, ...rest })
    }
  }

  async #compare(): Promise<void> {
    for (const [name, model] of this.#models) {
      model.expire(this.#now)
      const { visible, inFlight, delayed } = await this.#queue(name).describe()
      assert.equal([visible, inFlight, delayed], model.counts(this.#now), `counts of ${name}`)
      this.#lastSequence.set(name, this.#queue(name).shard.next)
    }
  }

  /** In the end every message comes out, in order of its group. */
  async #drainAll(): Promise<void> {
    await this.#advance(12 * 3_600_000)
    for (const name of ['main', 'dead']) {
      const model = this.#model(name)
      await this.#advance(2_000)
      for (;;) {
        model.expire(this.#now)
        const received = await this.#queue(name).receive({
          max: 10,
          waitMillis: 0,
          visibilityMillis: 60_000,
          signal: never,
        })
        await this.#idle()
        this.#buried(name)
        this.#received(name, received, 60_000)
        const results = await this.#queue(name).settle(received.map(({ handle }) => ({ kind: 'delete', handle })))
        assert.ok(results.every((each) => each === undefined))
        for (const each of received) model.remove(textOf(each))
        if (received.length === 0) break
      }
      assert.equal(
        model.messages.map(({ text }) => text),
        [],
        `left in ${name}`,
      )
    }
  }
}

function textOf(message: ReceivedMessage): string {
  return Buffer.from(message.body).toString()
}

test(`${histories} random histories agree with the model (seed ${seed})`, async () => {
  for (let i = 0; i < histories; i++) {
    const history = new History(new Random(seed + i))
    try {
      await history.run()
    } catch (error) {
      console.error(`MILLRACE_SEED=${seed + i} MILLRACE_HISTORIES=1:\n  ${history.log.join('\n  ')}`, error)
      throw error
    }
  }
})

test.run()
