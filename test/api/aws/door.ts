import { AwsDoor } from '../../../broker/api/aws/door.ts'
import type { AwsService } from '../../../broker/api/aws/operation.ts'
import { Registry } from '../../../broker/api/aws/request.ts'
import { Broker } from '../../../broker/broker.ts'
import { ManualClock } from '../../../broker/clock.ts'
import { limits } from '../../../broker/limits.ts'
import { MemoryStore } from '../../../broker/store/memory.ts'

export interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
}

export interface Answered {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
  readonly bytes: Buffer
}

/** Runs `body` with an open door to `service` alone, and the faults that nobody was told of. */
export async function withDoor(
  service: AwsService,
  body: (call: (sent: Sent) => Promise<Answered>, faults: unknown[]) => Promise<void>,
): Promise<void> {
  const faults: unknown[] = []
  const broker = await Broker.open({
    store: new MemoryStore(),
    clock: new ManualClock(),
    wall: new ManualClock(),
    limits,
    strict: false,
    version: '0',
    logBytesMax: Number.POSITIVE_INFINITY,
    onFault: (error) => faults.push(error),
  })
  const door = new AwsDoor(broker, new Registry([service]), 'open')
  try {
    await body(async ({ method = 'POST', url = '/', headers = {}, body: sent = '' }) => {
      const answer = await door.answer({
        method,
        url,
        headers,
        authority: 'localhost:4566',
        secure: false,
        body: async () => Buffer.from(sent),
        signal: new AbortController().signal,
      })
      const bytes = Buffer.from(answer.body as Uint8Array)
      return { status: answer.status, headers: answer.headers as Record<string, string>, text: bytes.toString(), bytes }
    }, faults)
  } finally {
    await broker.close()
  }
}
