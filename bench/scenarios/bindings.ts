import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, connect } from '../../client/index.ts'
import { withStream } from '../append-load.ts'
import { type Bench, type Contestant, type Sample, withCpu } from '../bench.ts'
import { BenchFunction } from '../functions.ts'
import { Latency } from '../latency.ts'
import type { RunningMillrace } from '../millrace.ts'
import { pacedLoad } from '../paced-load.ts'
import type { Scenario } from '../scenario.ts'
import type { BenchStream } from '../system.ts'

/** No divisor of a poll's period, or every record would wait equally long for it. */
const perSecond = 13
const bytes = 128
const readsPerSecond = 5
const polling = 'polling'

export const handledLatency = 'put to handler'
export const bindingFunctions = [1, 5, 20] as const
const invokeCase = 'one warm function, one invocation at a time'
const overhead = "invocation without the handler's own time"

export function bindingCase(functions: number): string {
  return `${perSecond} records/s, ${functions} ${functions === 1 ? 'function' : 'functions'} on one stream`
}

/** From the moment a record was due to be put until a handler has it, by push and by polling, and what an invocation costs. */
export const bindings: Scenario = {
  name: 'bindings',
  about: `put to a handler's start, 1, 5 and 20 functions on one stream; push beside polling at ${readsPerSecond} reads/s each`,
  rivals: [],
  targets: [
    ...bindingFunctions.map((functions) => ({
      what: `a push binding beside a polling one, ${functions} on one stream: the part of the time it takes (65 % less is 0.35)`,
      case: bindingCase(functions),
      metric: `${handledLatency} p50`,
      against: polling,
      atMost: 0.35,
    })),
    {
      what: '20 functions beside 1, push: how many times as long, p50',
      case: bindingCase(20),
      metric: `${handledLatency} p50`,
      againstCase: bindingCase(1),
      atMost: 1.5,
    },
    {
      what: "a warm invocation over the handler's own time, p50 in ms",
      case: invokeCase,
      metric: `${overhead} p50`,
      atMost: 1,
    },
  ],
  async run(bench) {
    await bench.withSystems(async (_systems, millrace) => {
      bench.introduce({
        name: polling,
        version: 'millrace, read by GET',
        durability: `as millrace; a poller for each function reads ${readsPerSecond} times a second and invokes it with what there is`,
      })
      await bench.withDirectory(async (code) => {
        await writeFile(join(code, 'index.mjs'), BenchFunction.code)
        for (const functions of bindingFunctions) {
          await bench.compare(bindingCase(functions), [
            handling(bench, millrace, code, functions, 'push'),
            handling(bench, millrace, code, functions, 'polling'),
          ])
        }
        await bench.compare(invokeCase, [invoking(bench, millrace, code)])
      })
    })
  },
}

function handling(
  bench: Bench,
  millrace: RunningMillrace,
  code: string,
  count: number,
  way: 'push' | 'polling',
): Contestant {
  const measure = async (client: Client, stream: BenchStream) => {
    const functions = Array.from({ length: count }, (_, i) => new BenchFunction(client, `bench-${i}`, code))
    const open: AsyncDisposable[] = []
    try {
      for (const each of functions) {
        await each.add()
        // Its process is there before the first record.
        await each.invoke({ Records: [] })
        open.push(await (way === 'push' ? each.bind(stream.name) : each.poll(millrace, stream.name, readsPerSecond)))
      }
      const records = bench.size(10 * perSecond, 8)
      const warmUp = bench.size(2 * perSecond, 3)
      await pacedLoad(stream, { bytes, perSecond, records, warmUp })
      await Promise.all(functions.map((each) => each.untilHandled(records)))
      const latency = new Latency()
      for (const each of functions)
        for (const millis of await each.handled()) if (!Number.isNaN(millis)) latency.record(millis)
      return latency.samples(handledLatency)
    } finally {
      for (const each of open) await each[Symbol.asyncDispose]()
      for (const each of functions) await each.remove()
    }
  }
  return {
    name: way === 'push' ? 'millrace' : polling,
    measure: async () => {
      const client = await connect(millrace.server.said)
      try {
        return await withStream(millrace, 1, (stream) => withCpu(millrace.server, () => measure(client, stream)))
      } finally {
        await client.close()
      }
    },
  }
}

/** Calls one after another, through the client; the handler says how long it took itself. */
function invoking(bench: Bench, millrace: RunningMillrace, code: string): Contestant {
  const measure = async (client: Client): Promise<Sample[]> => {
    const each = new BenchFunction(client, 'bench-invoked', code)
    await each.add()
    const latency = new Latency()
    const invocations = bench.size(2_000, 50)
    try {
      for (let i = -20; i < invocations; i++) {
        const started = performance.now()
        const own = await each.invoke({ Records: [] })
        if (i >= 0) latency.record(performance.now() - started - own)
      }
    } finally {
      await each.remove()
    }
    return latency.samples(overhead)
  }
  return {
    name: 'millrace',
    measure: async () => {
      const client = await connect(millrace.server.said)
      try {
        return await measure(client)
      } finally {
        await client.close()
      }
    },
  }
}
