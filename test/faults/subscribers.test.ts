import * as assert from 'uvu/assert'
import { withDirectory } from '../cli/broker-process.ts'
import { until } from '../server/harness.ts'
import { Http2Client } from '../server/raw-client.ts'
import { blockOf, RawProducer, RawReader } from '../server/raw-streams.ts'
import { suite } from '../suite.ts'
import { BrokerChild } from './broker-child.ts'

const test = suite('many subscribers')

/** `sessions` connections with `each` subscriptions, all of which must get all records in order. */
async function subscribers(sessions: number, each: number): Promise<void> {
  await withDirectory(async (data) => {
    const broker = new BrokerChild({ data }, ['--expose-gc'])
    try {
      const url = await broker.open()
      const control = new Http2Client(url)
      await control.ask('PUT', '/v1/streams/s', { body: { shards: 2 } })
      const inspected = async (...path: string[]) => Number((await control.ask('GET', '/v1/inspect')).at(...path))
      const before = await inspected('memory', 'residentBytes')
      const clients = Array.from({ length: sessions }, () => new Http2Client(url))
      const count = sessions * each
      // In each shard a record's data is its sequence: a reader needs to keep only how many it has seen.
      const seen = new Array<number>(count).fill(0)
      const readers = seen.map((_, i) => {
        const stream = (clients[i % sessions] as Http2Client).open('/v1/streams/s/subscribe', { body: {} })
        return new RawReader(stream, ({ sequence, data }) => {
          assert.is(data, `${sequence}`)
          seen[i] = (seen[i] as number) + 1
        })
      })
      for (const reader of readers) await reader.sees('position 1')
      const grown = (await inspected('memory', 'residentBytes')) - before
      console.log(`${Math.round(grown / count / 1024)} KiB of resident memory a subscriber (${sessions} x ${each})`)
      assert.is(await inspected('longStreams'), count)
      const producer = new RawProducer(control.open('/v1/streams/s/append'))
      for (let i = 0; i < 40; i++) {
        await Promise.all([0, 1].map((shard) => producer.append(shard, blockOf([`${2 * i}`, `${2 * i + 1}`]))))
      }
      await until(() => seen.every((records) => records === 160), 'all have everything', 60_000)
      for (const client of clients) client.close()
      await until(async () => (await inspected('longStreams')) === 1, 'only the producer is left')
      await producer.finish()
      control.close()
      assert.is(await broker.end('SIGTERM'), 0, broker.output)
    } finally {
      await broker.end('SIGKILL')
    }
  })
}

test('1,000 on 10 connections get all records, in order', () => subscribers(10, 100))

test('1,000 on connections of their own get all records, in order', () => subscribers(1_000, 1))

test.run()
