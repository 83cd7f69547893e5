import * as assert from 'uvu/assert'
import { blocksOf } from '../../broker/wire/block.ts'
import { frameTypes } from '../../broker/wire/frame.ts'
import { withDirectory } from '../cli/broker-process.ts'
import { turns, until, within } from '../server/harness.ts'
import { type FrameStream, Http2Client } from '../server/raw-client.ts'
import { blockOf, RawProducer } from '../server/raw-streams.ts'
import { suite } from '../suite.ts'
import { BrokerChild } from './broker-child.ts'

const test = suite('a stalled consumer')
/** What a consumer lets the broker send ahead; what comes on top of it is the broker's to hold. */
const windowBytes = 128 * 1024

/** Bytes of buffers the broker holds once it has nothing else to do. */
async function bufferBytes(broker: BrokerChild, client: Http2Client): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    broker.collect()
    await turns()
    least = Math.min(least, Number((await client.ask('GET', '/v1/inspect')).at('memory', 'bufferBytes')))
  }
  return least
}

/** Counts what comes, without a look at it: 99 times all of it is a lot to look at. */
async function countRecords(stream: FrameStream, more: (count: number) => void): Promise<void> {
  for (let each = await stream.next(); each !== undefined; each = await stream.next()) {
    if (each.type === frameTypes.blocks) for (const { header } of blocksOf(each.payload)) more(header.count)
  }
}

test('one of 100 consumers stalls: the others get everything, and the broker holds next to nothing for it', () =>
  withDirectory(async (data) => {
    const broker = new BrokerChild({ data, limits: { tailBytesMax: 500_000, sharedReadBytesMax: 300_000 } }, [
      '--expose-gc',
    ])
    try {
      const url = await broker.open()
      const control = new Http2Client(url)
      await control.ask('PUT', '/v1/streams/s')
      const clients = Array.from({ length: 10 }, () => new Http2Client(url, 'JSON', undefined, windowBytes))
      const counts = new Array<number>(100).fill(0)
      const streams = counts.map((_, i) =>
        (clients[i % 10] as Http2Client).open('/v1/streams/s/subscribe', { body: {} }),
      )
      for (const [i, stream] of streams.entries()) {
        assert.is((await stream.next())?.type, frameTypes.position)
        countRecords(stream, (count) => {
          counts[i] = (counts[i] as number) + count
        }).catch(() => undefined)
      }
      const stalled = streams[42] as FrameStream
      stalled.pause()
      const producer = new RawProducer(control.open('/v1/streams/s/append'))
      const before = await bufferBytes(broker, control)
      const blocks = 240
      const block = blockOf(['x'.repeat(20_000)])
      for (let i = 0; i < blocks; i += 20) await Promise.all(producer.appendAll(0, new Array(20).fill(block)))
      await until(() => counts.every((count, i) => i === 42 || count === blocks), 'the others have everything', 60_000)
      assert.ok((counts[42] as number) < blocks, 'this one has not')
      const held = (await bufferBytes(broker, control)) - before
      console.log(`${Math.round(held / 1024)} KiB are held of ${Math.round((blocks * 20_000) / 1024)} KiB`)
      assert.ok(held < 2_000_000, `${held} bytes are held`)
      stalled.resume()
      await until(() => counts[42] === blocks, 'the stalled one has everything in the end', 60_000)
      await producer.finish()
      for (const client of [control, ...clients]) client.close()
      assert.is(await within(broker.end('SIGTERM'), 'it ends'), 0, broker.output)
    } finally {
      await broker.end('SIGKILL')
    }
  }))

test.run()
