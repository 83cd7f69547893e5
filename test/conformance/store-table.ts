import * as assert from 'uvu/assert'
import { Random } from '../random.ts'
import { type Contracts, commitOf, text } from './store-place.ts'

/** What is promised of the table. */
export const tableContracts: Contracts = {
  async 'the table gives entries by prefix in the order of their keys'(place) {
    const store = await place.open()
    assert.equal(await store.entries(''), [])
    const keys = ['a', 'a/', 'a/1', 'a/10', 'a/2', 'a0', 'b', 'log/0000000001', 'log/0000000010', 'stream/x', 'z']
    await store.put(new Random().shuffled(keys).map((key) => ({ key, value: text(key) })))
    for (const prefix of ['', 'a', 'a/', 'a/1', 'log/', 'nothing', 'z', '~']) {
      const entries = await store.entries(prefix)
      assert.equal(
        entries.map(({ key }) => key),
        keys.filter((key) => key.startsWith(prefix)),
        `of "${prefix}"`,
      )
      for (const { key, value } of entries) assert.is(Buffer.from(value).toString(), key)
    }
    for (const key of keys) assert.is(Buffer.from((await store.value(key)) ?? []).toString(), key)
    for (const key of ['', 'a/11', 'log/']) assert.is(await store.value(key), undefined)
  },

  async 'entries are overwritten and removed, in the order given, and may be empty or large'(place) {
    const store = await place.open()
    await store.put([
      { key: 'a', value: text('1') },
      { key: 'b', value: text('1') },
      { key: 'a', value: text('2') },
    ])
    await store.put([
      { key: 'b', value: undefined },
      { key: 'never', value: undefined },
      { key: 'c', value: text('3') },
    ])
    await store.put([
      { key: 'c', value: undefined },
      { key: 'c', value: new Uint8Array(0) },
    ])
    await store.put([
      { key: 'large', value: commitOf(1, 3_000_000) },
      { key: 'k'.repeat(1_000), value: text('long') },
    ])
    await store.put([])
    const entries = await store.entries('')
    assert.equal(
      entries.map(({ key, value }) => [key.slice(0, 9), value.length]),
      [
        ['a', 1],
        ['c', 0],
        ['kkkkkkkkk', 4],
        ['large', 3_000_000],
      ],
    )
    assert.is(Buffer.from(entries[0]?.value ?? []).toString(), '2')
  },

  async 'a put is seen whole or not at all, and several apply in the order of the calls'(place) {
    const store = await place.open()
    const rounds = 20
    const keys = Array.from({ length: 50 }, (_, i) => `key/${i}`)
    const puts = Array.from({ length: rounds }, (_, round) =>
      store.put(keys.map((key) => ({ key, value: text(`${round}`) }))),
    )
    let settled = false
    const all = Promise.all(puts).then(() => {
      settled = true
    })
    while (!settled) {
      const said = new Set((await store.entries('key/')).map(({ value }) => Buffer.from(value).toString()))
      assert.ok(said.size <= 1, `one put is seen in part: ${[...said].join(', ')}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await all
    assert.is(Buffer.from((await store.entries('key/'))[0]?.value ?? []).toString(), `${rounds - 1}`)
  },

  async 'bytes given to put may change once it settled, and those of entries are the caller’s own'(place) {
    const store = await place.open()
    const value = text('kept')
    await store.put([{ key: 'k', value }])
    value.fill(0)
    const [given] = await store.entries('k')
    assert.is(Buffer.from(given?.value ?? []).toString(), 'kept')
    given?.value.fill(0)
    ;(await store.value('k'))?.fill(0)
    const [again] = await store.entries('k')
    assert.is(Buffer.from(again?.value ?? []).toString(), 'kept')
  },
}
