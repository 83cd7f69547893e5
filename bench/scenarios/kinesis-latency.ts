import { PutRecordCommand } from '@aws-sdk/client-kinesis'
import { type Bench, type Contestant, withCpu } from '../bench.ts'
import type { RunningKinesis } from '../kinesis/running-kinesis.ts'
import { KinesisStream } from '../kinesis/stream.ts'
import { kinesisRivals, withKinesis } from '../kinesis/systems.ts'
import { Latency } from '../latency.ts'
import { openLoop, payloads, until } from '../load.ts'
import { sinceDue } from '../paced-load.ts'
import type { Scenario } from '../scenario.ts'

const perSecond = 100
const bytes = 128
const readsPerSecond = 5
const oneCase = `PutRecord, ${perSecond} a second, one consumer`
const metric = 'put to event'

/** From the moment a record was due to be put until SubscribeToShard has handed it out, at a fixed rate. */
export const kinesisLatency: Scenario = {
  name: 'kinesis-latency',
  about: `Kinesis put to event at ${perSecond} records/s, through the AWS SDK`,
  rivals: kinesisRivals,
  targets: [
    {
      what: `Kinesis PutRecord to SubscribeToShard's event, ${perSecond} a second, p99 in ms`,
      case: oneCase,
      metric: `${metric} p99`,
      atMost: 10,
    },
  ],
  async run(bench) {
    bench.note(`Who has no SubscribeToShard is polled with GetRecords, ${readsPerSecond} times a second.`)
    await withKinesis(bench, { ceiling: false }, (running) =>
      bench.compare(
        oneCase,
        running.map((each) => delivering(bench, each)),
      ),
    )
  },
}

function delivering(bench: Bench, running: RunningKinesis): Contestant {
  const records = perSecond * bench.size(8, 1)
  const warmUp = bench.size(2 * perSecond, 1)
  const measure = async (stream: KinesisStream) => {
    const delivered = new Latency()
    const acknowledged = new Latency()
    let seen = 0
    const hear = (data: Uint8Array) => {
      seen++
      const millis = sinceDue(data)
      if (millis !== undefined) delivered.record(millis)
    }
    const http = running.speaks('HTTP/2') ? 'HTTP/2' : 'HTTP/1.1'
    const consumer = running.pushes ? await stream.subscribe(http, hear) : await stream.poll(readsPerSecond, hear)
    try {
      await put(stream, records, warmUp, acknowledged)
      await until('the last record', () => seen >= records)
    } finally {
      await consumer[Symbol.asyncDispose]()
    }
    return [...delivered.samples(metric), ...acknowledged.samples('put to acknowledged')]
  }
  return {
    name: running.name,
    measure: async () => {
      const stream = await KinesisStream.create(running, 'HTTP/1.1', 1)
      try {
        return await withCpu(running.server, () => measure(stream))
      } finally {
        await stream[Symbol.asyncDispose]()
      }
    },
  }
}

/** Puts records at the fixed rate, each by a call of its own that carries the time it was due; the first `warmUp` carry none. */
async function put(stream: KinesisStream, records: number, warmUp: number, acknowledged: Latency): Promise<void> {
  const [template] = payloads(bytes, 1) as [Uint8Array]
  const acks: Promise<unknown>[] = []
  const send = (i: number, due: number) => {
    const Data = Buffer.from(template)
    Data.writeDoubleLE(i < warmUp ? 0 : due)
    const command = new PutRecordCommand({ StreamName: stream.name, PartitionKey: `user-${i % 1000}`, Data })
    const ack = stream.kinesis.send(command).then(() => i < warmUp || acknowledged.record(performance.now() - due))
    // All are awaited below; until then one that fails must not count as a rejection nobody handles.
    ack.catch(() => undefined)
    acks.push(ack)
  }
  await openLoop({ perSecond, records, send })
  await Promise.all(acks)
}
