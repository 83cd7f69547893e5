import type { Scenario } from './scenario.ts'
import { appendBatch } from './scenarios/append-batch.ts'
import { appendSingle } from './scenarios/append-single.ts'
import { backlog } from './scenarios/backlog.ts'
import { bindings } from './scenarios/bindings.ts'
import { busesScenario } from './scenarios/buses.ts'
import { catchUp } from './scenarios/catch-up.ts'
import { fanOut } from './scenarios/fan-out.ts'
import { idleConsumers } from './scenarios/idle-consumers.ts'
import { kinesisLatency } from './scenarios/kinesis-latency.ts'
import { kinesisPut } from './scenarios/kinesis-put.ts'
import { kinesisRead } from './scenarios/kinesis-read.ts'
import { latency } from './scenarios/latency.ts'
import { micro } from './scenarios/micro.ts'
import { processCost } from './scenarios/process.ts'
import { queueCycles } from './scenarios/queue-cycles.ts'
import { queueGrowth } from './scenarios/queue-growth.ts'
import { raw } from './scenarios/raw.ts'
import { schedules } from './scenarios/schedules.ts'
import { shards } from './scenarios/shards.ts'
import { sockets } from './scenarios/sockets.ts'
import { topicsScenario } from './scenarios/topics.ts'

/** All scenarios, in the order `all` runs them. A new one is one file and one line here. */
export const scenarios: readonly Scenario[] = [
  raw,
  appendSingle,
  appendBatch,
  fanOut,
  latency,
  catchUp,
  backlog,
  shards,
  idleConsumers,
  sockets,
  bindings,
  queueCycles,
  queueGrowth,
  topicsScenario,
  busesScenario,
  schedules,
  kinesisPut,
  kinesisRead,
  kinesisLatency,
  processCost,
  micro,
]
