import { Worker } from 'node:worker_threads'
import type { BenchProducer } from './system.ts'

/** Records of `bytes` bytes that don't compress to nothing: a few, prepared, so that making them costs the load nothing. */
export function payloads(bytes: number, count = 64): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const data = Buffer.alloc(bytes)
    for (let at = 0; at < bytes; at++) data[at] = (i * 31 + at * 7 + ((at * at) >> 3)) & 0xff
    return data
  })
}

/** Partition keys as users have them: short, many, all different. */
export function partitionKeys(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `user-${i}`)
}

export interface ClosedLoop {
  readonly producer: BenchProducer
  readonly bytes: number
  /** Records put and not yet acknowledged, at any time. */
  readonly inFlight: number
  /** Records put in one turn, as a list where the client takes lists, and awaited together. 1: each put makes room for the next. */
  readonly burst: number
  readonly keys?: readonly string[]
  /** Ends after this time ... */
  readonly millis?: number
  /** ... or this many records. */
  readonly records?: number
}

export interface LoopResult {
  readonly records: number
  readonly seconds: number
}

/** Keeps a number of records in flight, and measures from the first put to the last acknowledgement. */
export async function closedLoop(loop: ClosedLoop): Promise<LoopResult> {
  const { producer, burst, keys = partitionKeys(1_000), millis = Infinity, records = Infinity } = loop
  const data = payloads(loop.bytes)
  const started = performance.now()
  let put = 0
  const record = () => {
    const i = put++
    return { key: keys[i % keys.length] as string, data: data[i % data.length] as Uint8Array }
  }
  const next = () => {
    const { key, data } = record()
    return producer.put(key, data)
  }
  const nextBurst = (length: number) =>
    producer.putAll?.(Array.from({ length }, record)) ?? Promise.all(Array.from({ length }, next))
  const lane = async () => {
    while (put < records && performance.now() - started < millis) {
      if (burst === 1) await next()
      else await nextBurst(Math.min(burst, records - put))
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(loop.inFlight / burst)) }, lane))
  return { records: put, seconds: (performance.now() - started) / 1000 }
}

export interface OpenLoop {
  readonly perSecond: number
  readonly records: number
  /** Sends record `i`, which was due at `due` on performance.now()'s scale. */
  readonly send: (i: number, due: number) => void
}

/**
 * Sends at a fixed rate, whatever the answers do: each record has its due time beforehand, and who measures from that time
 * also counts what a stall made wait. A thread of its own watches the time, because a timer of the event loop is up to
 * a millisecond late even when nothing else runs.
 */
export async function openLoop({ perSecond, records, send }: OpenLoop): Promise<void> {
  const worker = new Worker(metronome, { eval: true, workerData: { perSecond, records } })
  try {
    await new Promise<void>((resolve, reject) => {
      let sent = 0
      worker.on('error', reject)
      worker.on('message', (absolute: number) => {
        send(sent++, absolute - performance.timeOrigin)
        if (sent === records) resolve()
      })
    })
  } finally {
    await worker.terminate()
  }
}

/** The thread's program: sleeps until each due time, and says that time; the two threads have different time origins. */
const metronome = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { perSecond, records } = workerData
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  const start = performance.now() + 20
  for (let i = 0; i < records; i++) {
    const due = start + (i * 1000) / perSecond
    const left = due - performance.now()
    if (left > 0) Atomics.wait(sleeper, 0, 0, left)
    parentPort.postMessage(performance.timeOrigin + due)
  }
`

/** Waits until `done` holds. @throws Error after `millisMax`, saying what did not come. */
export async function until(what: string, done: () => boolean, millisMax = 180_000): Promise<void> {
  const started = performance.now()
  while (!done()) {
    if (performance.now() - started > millisMax) throw new Error(`${what} did not come within ${millisMax / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
