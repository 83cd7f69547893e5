import * as assert from 'uvu/assert'
import { horizon, positionAtTime } from '../../broker/log/positions.ts'
import { suite } from '../suite.ts'
import { type Floors, inMemory } from './harness.ts'
import { putMany } from './records.ts'

const test = suite('positions')
const bounds = { segmentBytesMax: 2_000 }

/** Forty records, one each 1,000 ms, over several segments; `at` is when the first was appended. */
async function forty(floors: Floors) {
  const stream = await floors.streams.create('s', { retentionMillis: 3_600_000 })
  const at = floors.clock.now()
  for (let i = 0; i < 40; i++) {
    await putMany(stream, 1)
    await floors.clock.advance(1_000)
  }
  assert.ok(floors.store.segments().length > 3)
  return { stream, shard: stream.log.shard(0), at }
}

test('a time is the first record appended then or later, in whatever segment it is', () =>
  inMemory(async (floors) => {
    const { shard, at } = await forty(floors)
    for (let i = 0; i < 40; i++) {
      assert.is(await positionAtTime(floors.logs, shard, at + i * 1_000), i)
      assert.is(await positionAtTime(floors.logs, shard, at + i * 1_000 - 1), i)
      assert.is(await positionAtTime(floors.logs, shard, at + i * 1_000 + 1), i + 1)
    }
  }, bounds))

test('a time before all records is the first, and one behind all is the end', () =>
  inMemory(async (floors) => {
    const { shard, at } = await forty(floors)
    assert.is(await positionAtTime(floors.logs, shard, 0), 0)
    assert.is(await positionAtTime(floors.logs, shard, at + 1_000_000), 40)
    const empty = (await floors.streams.create('empty')).log.shard(0)
    for (const time of [0, at, at + 1_000_000]) assert.is(await positionAtTime(floors.logs, empty, time), 0)
  }, bounds))

test('the horizon is the oldest record that retention grants, though older ones are on disk still', () =>
  inMemory(async (floors) => {
    const { stream, shard } = await forty(floors)
    assert.is(await horizon(floors.logs, stream.log, shard), 0)
    await stream.update({ retentionMillis: 10_000 })
    assert.is(await horizon(floors.logs, stream.log, shard), 30)
    await floors.clock.advance(5_000)
    assert.is(await horizon(floors.logs, stream.log, shard), 35)
    await floors.clock.advance(1_000_000)
    assert.is(await horizon(floors.logs, stream.log, shard), 40)
    assert.is(shard.first, 0)
  }, bounds))

test('records of one instant are together: a time never falls between them', () =>
  inMemory(async (floors) => {
    const stream = await floors.streams.create('s')
    await putMany(stream, 20)
    const at = floors.clock.now()
    await floors.clock.advance(1)
    await putMany(stream, 20)
    const shard = stream.log.shard(0)
    assert.is(await positionAtTime(floors.logs, shard, at), 0)
    assert.is(await positionAtTime(floors.logs, shard, at + 1), 20)
    assert.is(await positionAtTime(floors.logs, shard, at + 2), 40)
  }, bounds))

test.run()
