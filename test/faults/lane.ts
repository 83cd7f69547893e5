import { HashRouter } from '../../broker/wire/hash-range.ts'
import type { Random } from '../random.ts'
import type { RawClient } from '../server/raw-client.ts'
import { blockOf, type Outcome, type RawProducer } from '../server/raw-streams.ts'
import { dataOf, type Ledger } from './ledger.ts'

/** How many blocks of a shard a producer may have under way: the broker remembers as many. */
const underWayMax = 8

interface Block {
  readonly number: number
  readonly count: number
  readonly shard: number
  readonly bytes: Uint8Array
}

/**
 * A producer with one key, as docs/wire.md wants one: it sends again, in order, what was not acknowledged, over a new session, and
 * packs its records anew when its shard was split or merged.
 */
export class Lane {
  readonly number: number
  readonly stream: string
  readonly #key: string
  readonly #random: Random
  readonly #ledger: Ledger
  #shard = -1
  #sequence = 0
  /** The first record that was never sent. */
  #next = 0
  #unacknowledged: Block[] = []
  #underWay = 0
  #session: RawProducer | undefined
  #client: RawClient | undefined
  #moving = false
  #stuck = false

  constructor(number: number, stream: string, random: Random, ledger: Ledger) {
    this.number = number
    this.stream = stream
    this.#key = `lane ${number}`
    this.#random = random
    this.#ledger = ledger
  }

  /** Goes on over a new connection. */
  async start(client: RawClient, session: RawProducer): Promise<void> {
    this.#client = client
    this.#session = session
    this.#underWay = 0
    this.#moving = false
    if (this.#shard < 0) this.#shard = await this.#route()
    for (const block of this.#unacknowledged) this.#send(block)
    this.#pump()
  }

  /** Sends no more, whatever is answered. */
  stop(): void {
    this.#session = undefined
  }

  #pump(): void {
    while (this.#session !== undefined && !this.#stuck && !this.#moving && this.#underWay < underWayMax) {
      const count = this.#random.between(1, 12)
      const block = this.#pack(this.#next, count)
      this.#next += count
      this.#unacknowledged.push(block)
      this.#send(block)
    }
  }

  #pack(number: number, count: number): Block {
    const data = Array.from({ length: count }, (_, i) => dataOf(this.number, number + i))
    const bytes = blockOf(data, this.number + 1, this.#sequence++, this.#key)
    return { number, count, shard: this.#shard, bytes }
  }

  #send(block: Block): void {
    const session = this.#session
    this.#underWay++
    session?.send(block.shard, block.bytes, (outcome) => {
      if (this.#session === session) this.#settle(block, outcome)
    })
  }

  #settle(block: Block, { base, error }: Outcome): void {
    this.#underWay--
    if (base !== undefined) {
      this.#unacknowledged = this.#unacknowledged.filter((each) => each !== block)
      const { stream } = this
      this.#ledger.promised(this.number, block.number, block.count, { stream, shard: block.shard, sequence: base })
    } else if (error?.code === 'shard_closed') this.#moving = true
    else {
      this.#stuck = true
      this.#ledger.violate(`lane ${this.number} was refused: ${error?.message}`)
    }
    if (this.#moving && this.#underWay === 0) this.#move().catch(() => undefined)
    else this.#pump()
  }

  /** The shard was closed: what it did not take is packed anew for whoever owns the key now. */
  async #move(): Promise<void> {
    const session = this.#session
    const shard = await this.#route()
    if (this.#session !== session || session === undefined) return
    this.#shard = shard
    this.#sequence = 0
    this.#unacknowledged = this.#unacknowledged.map(({ number, count }) => this.#pack(number, count))
    this.#moving = false
    for (const block of this.#unacknowledged) this.#send(block)
    this.#pump()
  }

  async #route(): Promise<number> {
    const answer = await this.#client?.ask('GET', `/v1/streams/${this.stream}`)
    const shards = answer?.at('shards') as {
      shard: number
      status: string
      hashRange: { start: string; end: string }
    }[]
    const open = shards.filter(({ status }) => status === 'open')
    const range = ({ start, end }: { start: string; end: string }) => ({ start: BigInt(start), end: BigInt(end) })
    return new HashRouter(open.map(({ shard, hashRange }) => ({ range: range(hashRange), owner: shard }))).ofKey(
      this.#key,
    )
  }
}
