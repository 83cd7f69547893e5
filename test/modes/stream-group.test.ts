import * as assert from 'uvu/assert'
import type { Stream } from '../../broker/modes/stream.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import type { Assignment } from '../../broker/wire/stream-description.ts'
import { type Floors, inMemory } from '../log/harness.ts'
import { suite } from '../suite.ts'

const test = suite('consumer groups')
const bytes = (said: string) => new TextEncoder().encode(said)
const never = new AbortController().signal
const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A member that does as docs/wire.md says, one call at a time. */
class Member {
  readonly name: string
  readonly stream: Stream
  version = 0
  last: Assignment | undefined

  constructor(stream: Stream, name: string) {
    this.stream = stream
    this.name = name
  }

  async renew(released: readonly number[] = [], waitMillis = 0): Promise<Assignment> {
    const renewal = { leaseMillis: 10_000, version: this.version, waitMillis, released, from: 'horizon' as const }
    this.last = await this.stream.renew('g', this.name, renewal, never)
    this.version = this.last.version
    return this.last
  }

  /** Renews, and gives back whatever is asked for, until nothing is. */
  async settle(): Promise<number[]> {
    let assignment = await this.renew()
    while (assignment.revoke.length > 0) assignment = await this.renew(assignment.revoke)
    return assignment.shards.map(({ shard }) => shard)
  }
}

async function withStream(shards: number, body: (stream: Stream, floors: Floors) => Promise<void>): Promise<void> {
  await inMemory(async (floors) => body(await floors.streams.create('s', { shards }), floors))
}

async function settleAll(...members: Member[]): Promise<number[][]> {
  // Twice around: what the last one gives back, the first one is given.
  for (let i = 0; i < 2; i++) for (const member of members) await member.settle()
  return Promise.all(members.map((member) => member.settle()))
}

test('the only member gets every shard', () =>
  withStream(4, async (stream) => {
    assert.equal(await new Member(stream, 'a').settle(), [0, 1, 2, 3])
  }))

test('members share the shards evenly, and nobody has one that another still holds', () =>
  withStream(4, async (stream) => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new Member(stream, name)) as [Member, Member, Member]
    await a.settle()
    const joined = await b.renew()
    assert.equal(joined.shards, [], 'a still holds all')
    const asked = await a.renew()
    assert.is(asked.revoke.length, 2)
    assert.is(asked.shards.length, 4, 'what is asked back is held until it is given')
    const shares = await settleAll(a, b, c)
    assert.equal(shares.map(({ length }) => length).sort(), [1, 1, 2])
    assert.equal(shares.flat().sort(), [0, 1, 2, 3])
  }))

test('more members than shards: some wait with nothing', () =>
  withStream(2, async (stream) => {
    const members = ['a', 'b', 'c'].map((name) => new Member(stream, name))
    const shares = await settleAll(...members)
    assert.equal(shares.map(({ length }) => length).sort(), [0, 1, 1])
  }))

test('who leaves hands over at once', () =>
  withStream(2, async (stream) => {
    const a = new Member(stream, 'a')
    const b = new Member(stream, 'b')
    await settleAll(a, b)
    await stream.leave('g', 'a')
    assert.equal((await b.settle()).sort(), [0, 1])
  }))

test('who freezes loses its shards when its lease runs out, and its checkpoints are refused', () =>
  withStream(2, async (stream, { clock }) => {
    const frozen = new Member(stream, 'frozen')
    const lively = new Member(stream, 'lively')
    await settleAll(frozen, lively)
    const held = frozen.last?.shards[0] ?? assert.unreachable()
    const { shard, fence } = held as { shard: number; fence: number }
    await stream.checkpoint('g', new Map([[shard, { next: 0, fence }]]), 'frozen')
    for (let i = 0; i < 3; i++) {
      await clock.advance(4_000)
      await lively.renew()
    }
    assert.equal((await lively.settle()).sort(), [0, 1])
    await stream.checkpoint('g', new Map([[shard, { next: 1, fence }]]), 'frozen').then(
      () => assert.unreachable('the fence is old'),
      (error: MillraceError) => assert.is(error.code, 'lease_lost'),
    )
    const back = await frozen.renew()
    assert.not.equal(back.shards, [held], 'it is a new member now')
  }))

test('news reaches a waiting member at once', () =>
  withStream(2, async (stream) => {
    const a = new Member(stream, 'a')
    await a.settle()
    let told: Assignment | undefined
    const waiting = a.renew([], 3_000).then((assignment) => {
      told = assignment
    })
    await turns()
    assert.is(told, undefined, 'nothing has changed yet')
    await new Member(stream, 'b').renew()
    await waiting
    assert.is(told?.revoke.length, 1)
  }))

test('a waiting member is answered after the time it gave, with no news', () =>
  withStream(1, async (stream, { clock }) => {
    const a = new Member(stream, 'a')
    await a.settle()
    const waiting = a.renew([], 3_000)
    await turns()
    await clock.advance(3_000)
    assert.equal((await waiting).shards.length, 1)
  }))

test('a member starts where the group has its checkpoint', () =>
  withStream(1, async (stream) => {
    for (let i = 0; i < 5; i++) await stream.put([{ key: 'k', data: bytes(`${i}`) }])
    const a = new Member(stream, 'a')
    const fence = (await a.renew()).shards[0]?.fence ?? -1
    await stream.checkpoint('g', new Map([[0, { next: 3, fence }]]), 'a')
    await stream.leave('g', 'a')
    const b = new Member(stream, 'b')
    const given = (await b.renew()).shards[0]
    assert.is(given?.next, 3)
    assert.ok((given?.fence ?? 0) > fence, 'each lease has a higher fence')
  }))

test('children are given out only when their parent was read to its end', () =>
  withStream(1, async (stream) => {
    await stream.put([{ key: 'k', data: bytes('x') }])
    const a = new Member(stream, 'a')
    const fence = (await a.renew()).shards[0]?.fence ?? -1
    await stream.split(0)
    assert.equal(await a.settle(), [0])
    await stream.checkpoint('g', new Map([[0, { next: 1, fence }]]), 'a')
    assert.equal((await a.settle()).sort(), [1, 2])
  }))

test('a group that starts at latest begins at the tip of when its first member came', () =>
  withStream(1, async (stream) => {
    await stream.put([{ key: 'k', data: bytes('old') }])
    const renewal = { leaseMillis: 10_000, version: 0, waitMillis: 0, released: [], from: 'latest' as const }
    const assignment = await stream.renew('g', 'a', renewal, never)
    await stream.put([{ key: 'k', data: bytes('new') }])
    assert.is(assignment.shards[0]?.next, 1)
  }))

test('fences grow over members, leases and restarts of the group', () =>
  withStream(1, async (stream) => {
    let last = 0
    for (let i = 0; i < 5; i++) {
      const member = new Member(stream, `m${i}`)
      const fence = (await member.renew()).shards[0]?.fence ?? -1
      assert.ok(fence > last)
      last = fence
      await stream.leave('g', member.name)
    }
  }))

test.run()
