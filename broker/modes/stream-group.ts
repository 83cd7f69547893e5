import type { Clock, Timer } from '../clock.ts'
import type { Shard } from '../log/shard.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Assignment } from '../wire/stream-description.ts'

/** What a member sends when it joins, renews or gives shards back. */
export interface Renewal {
  readonly leaseMillis: number
  /** The version it knows; 0 when it has just joined. */
  readonly version: number
  /** How long to wait for a newer one. */
  readonly waitMillis: number
  readonly released: readonly number[]
}

interface Member {
  readonly name: string
  leaseMillis: number
  lease: Timer
  version: number
  readonly held: Map<number, number>
  readonly revoking: Set<number>
  wake: (() => void) | undefined
}

/** What a group needs to know of its stream. */
export interface GroupStream {
  /** The group's name. */
  readonly name: string
  readonly clock: Clock
  readonly membersMax: number
  /** Shards that may be read now: not read to their end, and their parents are. */
  eligible(): readonly Shard[]
  /** The sequence at which reading of a shard goes on. */
  next(shard: Shard): number
  /** Issues a fence above all earlier ones of that shard; resolves when it is durable. */
  fence(shard: number): Promise<number>
}

/**
 * The members of one consumer group and who reads which shard. Membership is not durable, fences and checkpoints are: after a
 * restart members join again and read on from their checkpoints.
 */
export class Group {
  readonly #stream: GroupStream
  readonly #members = new Map<string, Member>()
  #balancing: Promise<void> | undefined
  #again = false

  constructor(stream: GroupStream) {
    this.#stream = stream
  }

  get empty(): boolean {
    return this.#members.size === 0
  }

  /** Who is in it and what each holds. */
  members(): { member: string; shards: number[] }[] {
    return [...this.#members.values()].map(({ name, held }) => ({ member: name, shards: [...held.keys()] }))
  }

  /**
   * Joins or renews, gives back what was released, and waits for an assignment newer than the one known.
   * @throws limit_exceeded
   */
  async renew(name: string, renewal: Renewal, signal: AbortSignal): Promise<Assignment> {
    const member = this.#members.get(name) ?? this.#join(name, renewal)
    member.leaseMillis = renewal.leaseMillis
    member.lease.cancel()
    member.lease = this.#arm(member)
    for (const shard of renewal.released) {
      member.held.delete(shard)
      member.revoking.delete(shard)
    }
    if (renewal.released.length > 0) member.version++
    await this.balance()
    if (renewal.version === member.version && renewal.waitMillis > 0) await this.#news(member, renewal, signal)
    if (this.#members.get(name) !== member)
      throw new MillraceError('member_not_found', { group: this.#stream.name, member: name })
    return this.#describe(member)
  }

  /** Takes a member out; its shards go to others at once. */
  async leave(name: string): Promise<void> {
    const member = this.#members.get(name)
    if (member === undefined) return
    this.#remove(member)
    await this.balance()
  }

  /** Shares the shards out anew; called after whatever changes who may read what. Resolves when that is settled. */
  balance(): Promise<void> {
    this.#again = true
    this.#balancing ??= this.#balanceUntilSettled()
    return this.#balancing
  }

  close(): void {
    for (const member of [...this.#members.values()]) this.#remove(member)
  }

  async #balanceUntilSettled(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false
        this.#revokeSurplus()
        await this.#grantFree()
      }
    } finally {
      // In the same turn as the last look, so that nobody joins a round that is over.
      this.#balancing = undefined
    }
  }

  #join(name: string, renewal: Renewal): Member {
    if (this.#members.size >= this.#stream.membersMax) {
      throw new MillraceError('limit_exceeded', { what: 'The number of members', limit: this.#stream.membersMax })
    }
    const member: Member = {
      name,
      leaseMillis: renewal.leaseMillis,
      lease: { cancel: () => undefined },
      // A member that comes back must not take its old assignment for the new one.
      version: renewal.version + 1,
      held: new Map(),
      revoking: new Set(),
      wake: undefined,
    }
    this.#members.set(name, member)
    return member
  }

  #arm(member: Member): Timer {
    return this.#stream.clock.after(member.leaseMillis, () => {
      this.#remove(member)
      // A fence that cannot be written now is asked for again by the next renewal of any member.
      this.balance().catch(() => undefined)
    })
  }

  #remove(member: Member): void {
    member.lease.cancel()
    if (this.#members.get(member.name) === member) this.#members.delete(member.name)
    member.wake?.()
  }

  #news(member: Member, renewal: Renewal, signal: AbortSignal): Promise<void> {
    // Waiting longer than the lease would let it run out while its holder waits politely.
    const wait = Math.min(renewal.waitMillis, renewal.leaseMillis / 2)
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel()
        signal.removeEventListener('abort', done)
        if (member.wake === done) member.wake = undefined
        resolve()
      }
      const timer = this.#stream.clock.after(wait, done)
      signal.addEventListener('abort', done)
      member.wake?.()
      member.wake = done
      if (signal.aborted) done()
    })
  }

  #changed(member: Member): void {
    member.version++
    member.wake?.()
  }

  #share(eligible: number): { least: number; members: Member[] } {
    return { least: Math.floor(eligible / this.#members.size), members: [...this.#members.values()] }
  }

  /** Drops what is no longer to be read, and asks members that hold more than their share to give some back. */
  #revokeSurplus(): void {
    const eligible = new Set(this.#stream.eligible().map((shard) => shard.number))
    if (this.#members.size === 0) return
    const { least, members } = this.#share(eligible.size)
    let extras = eligible.size - least * members.length
    for (const member of members.sort((a, b) => b.held.size - a.held.size)) {
      for (const shard of [...member.held.keys()]) {
        if (eligible.has(shard)) continue
        member.held.delete(shard)
        member.revoking.delete(shard)
        this.#changed(member)
      }
      const share = least + (extras > 0 && member.held.size > least ? 1 : 0)
      if (share > least) extras--
      const keeps = member.held.size - member.revoking.size
      const surplus = [...member.held.keys()].filter((shard) => !member.revoking.has(shard)).slice(share)
      if (keeps <= share) continue
      for (const shard of surplus) member.revoking.add(shard)
      this.#changed(member)
    }
  }

  /** Gives shards nobody holds to the members that hold least. */
  async #grantFree(): Promise<void> {
    for (const shard of this.#stream.eligible()) {
      const held = [...this.#members.values()].some((member) => member.held.has(shard.number))
      if (held || this.#members.size === 0) continue
      const fence = await this.#stream.fence(shard.number)
      const members = [...this.#members.values()]
      const least = members.sort((a, b) => a.held.size - a.revoking.size - (b.held.size - b.revoking.size))[0]
      if (least === undefined) return
      least.held.set(shard.number, fence)
      this.#changed(least)
    }
  }

  #describe(member: Member): Assignment {
    const shards = this.#stream.eligible().flatMap((shard) => {
      const fence = member.held.get(shard.number)
      return fence === undefined ? [] : [{ shard: shard.number, fence, next: this.#stream.next(shard) }]
    })
    return { version: member.version, leaseMillis: member.leaseMillis, shards, revoke: [...member.revoking] }
  }
}
