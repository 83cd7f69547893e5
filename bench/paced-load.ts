import { openLoop, payloads } from './load.ts'
import type { BenchStream } from './system.ts'

export interface PacedLoad {
  readonly bytes: number
  readonly perSecond: number
  readonly records: number
  /** So many records at first only warm the connections: they carry no due time. Default 0. */
  readonly warmUp?: number
  /** Hears when a record is put, and when it is acknowledged, how many milliseconds after it was due. */
  readonly put?: (millis: number) => void
  readonly acknowledged?: (millis: number) => void
}

/**
 * Puts records at a fixed rate, each carrying the time it was due; resolves when the last one is acknowledged.
 * @throws what put() rejected with
 */
export async function pacedLoad(stream: BenchStream, load: PacedLoad): Promise<void> {
  const { bytes, perSecond, records, warmUp = 0 } = load
  const [template] = payloads(bytes, 1) as [Uint8Array]
  const producer = await stream.producer()
  const acks: Promise<unknown>[] = []
  const send = (i: number, due: number) => {
    const counted = i >= warmUp
    const data = Buffer.from(template)
    data.writeDoubleLE(counted ? due : 0)
    if (counted) load.put?.(performance.now() - due)
    const ack = producer
      .put(`user-${i % 1000}`, data)
      .then(() => counted && load.acknowledged?.(performance.now() - due))
    // All are awaited below; until then one that fails must not count as a rejection nobody handles.
    ack.catch(() => undefined)
    acks.push(ack)
  }
  try {
    await openLoop({ perSecond, records, send })
    await Promise.all(acks)
  } finally {
    await producer[Symbol.asyncDispose]()
  }
}

/** How long ago the record was due that is `data`; undefined for those of the warm-up. */
export function sinceDue(data: Uint8Array): number | undefined {
  const due = new DataView(data.buffer, data.byteOffset, data.byteLength).getFloat64(0, true)
  return due === 0 ? undefined : performance.now() - due
}
