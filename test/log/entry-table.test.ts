import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { EntryTable, entryBytes, GrowingEntryTable, type RunEntry } from '../../broker/log/entry-table.ts'
import { holds } from '../property.ts'
import { suite } from '../suite.ts'

const test = suite('entry table')

/** Entries as a shard gets them: sequences that grow, times that never go back. */
const anyEntries = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 0, max: 3 }), fc.nat({ max: 2 ** 32 - 1 })), {
    maxLength: 60,
  })
  .map((steps) => {
    const entries: RunEntry[] = []
    let base = 2 ** 40
    let time = 1_767_225_600_000
    for (const [records, millis, length] of steps) {
      time += millis
      entries.push({ base, time, commit: base * 2, offset: length, length })
      base += records
    }
    return entries
  })

function grown(entries: readonly RunEntry[]): GrowingEntryTable {
  const table = new GrowingEntryTable()
  for (const entry of entries) table.add(entry)
  return table
}

test('what is added is found at its place, in the growing table and in its bytes', () => {
  holds([anyEntries], (entries) => {
    const growing = grown(entries)
    const sealed = new EntryTable(new Uint8Array(growing.bytes()))
    assert.is(growing.bytes().length, entries.length * entryBytes)
    for (const table of [growing, sealed]) {
      assert.is(table.count, entries.length)
      assert.equal(
        entries.map((_, place) => table.at(place)),
        entries,
      )
    }
  })
})

test('a sequence is found in the last run that begins at it or before', () => {
  holds([anyEntries, fc.integer({ min: -2, max: 200_000 })], (entries, offset) => {
    const table = grown(entries)
    const probes = [2 ** 40 + offset, ...entries.flatMap(({ base }) => [base - 1, base, base + 1])]
    for (const sequence of probes) {
      assert.is(
        table.find(sequence),
        entries.findLastIndex(({ base }) => base <= sequence),
      )
    }
  })
})

test('a time is found at the first run appended then or later; the count when there is none', () => {
  holds([anyEntries, fc.integer({ min: -2, max: 100 })], (entries, offset) => {
    const table = grown(entries)
    const probes = [1_767_225_600_000 + offset, ...entries.flatMap(({ time }) => [time - 1, time, time + 1])]
    for (const time of probes) {
      const expected = entries.findIndex((entry) => entry.time >= time)
      assert.is(table.findTime(time), expected === -1 ? entries.length : expected)
    }
  })
})

test('an empty table finds nothing', () => {
  const table = new GrowingEntryTable()
  assert.is(table.find(5), -1)
  assert.is(table.findTime(5), 0)
  assert.is(table.bytes().length, 0)
})

test.run()
