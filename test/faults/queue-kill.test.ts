import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Client, connect } from '../../client/index.ts'
import { Random } from '../modes/random.ts'
import { suite } from '../suite.ts'
import { killed, start } from './killed-broker.ts'

const test = suite('queues and kill -9')
const seed = 11
const rounds = 6
const groups = 8

interface Received {
  readonly text: string
  readonly handle: string
  readonly group?: string
}

/** What clients know of one queue: what they were told, and nothing else. */
class Ledger {
  readonly #fifo: boolean
  readonly name: string
  #sent = 0
  /** By text: whether the send was acknowledged. */
  readonly sent = new Map<string, boolean>()
  readonly deleted = new Set<string>()
  /** Deletes that were begun: they may have taken effect. */
  readonly deleting = new Set<string>()
  /** For each group the number of the last message received for the first time. */
  readonly #heads = new Map<string, number>()
  readonly #seen = new Set<string>()

  constructor(name: string, fifo: boolean) {
    this.name = name
    this.#fifo = fifo
  }

  /** Sends until the broker is gone; each message of a group has a number above the one before it. */
  async produce(client: Client): Promise<void> {
    for (;;) {
      const messages = Array.from({ length: 5 }, () => {
        const number = this.#sent++
        const group = `g${number % groups}`
        const text = `${group} ${number}`
        return { text, group, ...(this.#fifo && { deduplicationId: text }) }
      })
      for (const { text } of messages) this.sent.set(text, false)
      const path = `/v1/queues/${this.name}/messages`
      await client.endpoint.call({ method: 'POST', path, body: { messages } })
      for (const { text } of messages) this.sent.set(text, true)
    }
  }

  /** Receives and deletes until the broker is gone, or with `drain` until the queue gives nothing more. */
  async consume(client: Client, drain: boolean): Promise<void> {
    for (;;) {
      const received = await this.#receive(client)
      if (drain && received.length === 0) return
      for (const each of received) this.#check(each)
      const chosen = drain ? received : received.filter((_, i) => i % 5 !== 4 || this.#fifo)
      for (const { text } of chosen) this.deleting.add(text)
      const body = { delete: chosen.map(({ handle }) => handle) }
      const answer = await client.endpoint.call({ method: 'POST', path: `/v1/queues/${this.name}/settle`, body })
      const results = (answer as { delete: (object | null)[] }).delete
      for (const [i, { text }] of chosen.entries()) if (results[i] === null) this.deleted.add(text)
    }
  }

  async #receive(client: Client): Promise<Received[]> {
    const body = { max: 20, waitMillis: 100, visibilityMillis: 300 }
    const path = `/v1/queues/${this.name}/receive`
    const { messages } = (await client.endpoint.call({ method: 'POST', path, body })) as {
      messages: { data: Uint8Array; handle: string; group: string }[]
    }
    return messages.map(({ data, handle, group }) => ({ text: Buffer.from(data).toString(), handle, group }))
  }

  #check({ text, group = '' }: Received): void {
    assert.ok(this.sent.has(text), `${text} was never sent`)
    assert.not.ok(this.deleted.has(text), `${text} came back after its delete was acknowledged`)
    const number = Number(text.split(' ')[1])
    const first = !this.#seen.has(text)
    this.#seen.add(text)
    if (!this.#fifo || !first) return
    const head = this.#heads.get(group) ?? -1
    assert.ok(number > head, `${text} came after ${head}`)
    // Every earlier one of its group whose send was acknowledged came before it.
    for (let each = head + groups; each < number; each += groups) {
      assert.not.ok(this.sent.get(`${group} ${each}`), `${text} came before ${each}`)
    }
    this.#heads.set(group, number)
  }

  /** In the end all that was acknowledged was received. */
  audit(): void {
    for (const [text, acknowledged] of this.sent) {
      if (acknowledged && !this.deleting.has(text)) assert.unreachable(`${this.name}: ${text} was lost`)
    }
  }
}

test(`killed ${rounds} times under load: no acknowledged send lost, no acknowledged delete undone, order kept (seed ${seed})`, async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const random = new Random(seed)
  const ledgers = [new Ledger('standard', false), new Ledger('ordered.fifo', true)]
  try {
    for (let round = 0; round < rounds; round++) {
      const { child, url } = await start(data)
      const client = await connect(url)
      for (const { name } of ledgers) await client.queue(name).create({})
      const wrong: unknown[] = []
      const loads = ledgers.flatMap((ledger) => [ledger.produce(client), ledger.consume(client, false)])
      const ended = loads.map((load) => load.catch((error: unknown) => wrong.push(error)))
      await new Promise((resolve) => setTimeout(resolve, random.integer(300, 1_200)))
      await killed(child)
      await Promise.all(ended)
      await client.close()
      for (const error of wrong) if ((error as { code?: string }).code !== 'unavailable') throw error
    }
    const { child, url } = await start(data)
    const client = await connect(url)
    await new Promise((resolve) => setTimeout(resolve, 400))
    for (const ledger of ledgers) await ledger.consume(client, true)
    for (const ledger of ledgers) {
      assert.ok(ledger.deleted.size > 100, `${ledger.deleted.size} messages went through ${ledger.name}`)
      ledger.audit()
    }
    await client.close()
    await killed(child)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test.run()
