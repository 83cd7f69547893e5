import * as assert from 'uvu/assert'
import type { Store } from '../../broker/store/store.ts'
import type { Random } from '../random.ts'

/** What a store must hold, kept in the plainest way. */
export interface Model {
  /** By number; those that were trimmed are empty places. */
  readonly commits: Uint8Array[]
  /** First commit to index. */
  readonly sealed: Map<number, Uint8Array>
  readonly table: Map<string, Uint8Array>
  /** The first commit of the oldest segment kept, and of the open one. */
  first: number
  open: number
}

export function emptyModel(): Model {
  return { commits: [], sealed: new Map(), table: new Map(), first: 0, open: 0 }
}

/** Does one operation, chosen at random, to the store and to the model. */
export async function step(store: Store, model: Model, random: Random): Promise<void> {
  const way = random.below(12)
  if (way < 6) {
    const commit = random.bytes(random.pick([1, 50, 300, 2_500, 20_000]))
    assert.is(await store.append(commit), model.commits.length)
    model.commits.push(commit)
  } else if (way < 8) {
    if (model.commits.length === model.open) return
    const index = random.bytes(random.below(400))
    await store.seal(index)
    model.sealed.set(model.open, index)
    model.open = model.commits.length
  } else if (way < 9) await trim(store, model, random)
  else await put(store, model, random)
}

async function trim(store: Store, model: Model, random: Random): Promise<void> {
  const below = random.between(model.first, model.commits.length)
  await store.trim(below)
  const firsts = [...model.sealed.keys(), model.open].sort((a, b) => a - b)
  for (const [i, first] of firsts.slice(0, -1).entries()) {
    const end = firsts[i + 1] as number
    if (end > below) return
    model.sealed.delete(first)
    model.first = end
  }
}

async function put(store: Store, model: Model, random: Random): Promise<void> {
  const changes = Array.from({ length: random.below(6) }, () => ({
    key: `key/${random.below(20)}`,
    value: random.oneIn(3) ? undefined : random.bytes(random.below(2_000)),
  }))
  await store.put(changes)
  for (const { key, value } of changes) {
    if (value === undefined) model.table.delete(key)
    else model.table.set(key, value)
  }
}

/** Compares all that can be seen of the store with the model. */
export async function checkStore(store: Store, model: Model, random: Random): Promise<void> {
  let number = model.first
  for await (const commit of store.scan(0)) {
    assert.is(commit.number, number)
    assert.ok(Buffer.from(commit.value).equals(model.commits[number] as Uint8Array), `commit ${number}`)
    number++
  }
  assert.is(number, model.commits.length)
  const firsts = [...model.sealed.keys(), model.open].sort((a, b) => a - b)
  assert.equal(
    store.segments().map(({ first, end, sealed }) => [first, end, sealed]),
    firsts.map((first, i) => [first, firsts[i + 1] ?? model.commits.length, first !== model.open]),
  )
  for (const [first, index] of model.sealed) assert.ok(Buffer.from(await store.index(first)).equals(index))
  await checkReads(store, model, random)
  const entries = await store.entries('')
  assert.equal(
    entries.map(({ key }) => key),
    [...model.table.keys()].sort(),
  )
  for (const { key, value } of entries) assert.ok(Buffer.from(value).equals(model.table.get(key) as Uint8Array), key)
}

async function checkReads(store: Store, model: Model, random: Random): Promise<void> {
  if (model.first === model.commits.length) return
  const pieces = Array.from({ length: 8 }, () => {
    const commit = random.between(model.first, model.commits.length - 1)
    const { length } = model.commits[commit] as Uint8Array
    const offset = random.below(length)
    return { commit, offset, length: random.below(length - offset + 1) }
  })
  const expected = pieces.map(({ commit, offset, length }) =>
    (model.commits[commit] as Uint8Array).subarray(offset, offset + length),
  )
  assert.ok(Buffer.from(await store.read(pieces)).equals(Buffer.concat(expected)))
}
