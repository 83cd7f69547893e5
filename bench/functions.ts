import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '../client/index.ts'
import type { RunningMillrace } from './millrace.ts'

/** A function of the broker under test that writes down how late each record reached it. */
export class BenchFunction {
  /** Takes an event of Kinesis; the first 8 bytes of a record say when it was due on the clock of this process, 0 while warming up. */
  static readonly code = `import { appendFileSync } from 'node:fs'
const origin = Number(process.env.ORIGIN)
export const handler = async ({ Records }) => {
  const started = performance.now()
  const now = performance.timeOrigin + started - origin
  const lines = Records.map(({ kinesis }) => {
    const due = Buffer.from(kinesis.data, 'base64').readDoubleLE(0)
    return (due === 0 ? NaN : now - due) + '\\n'
  })
  if (lines.length > 0) appendFileSync(process.env.OUT, lines.join(''))
  return performance.now() - started
}
`
  readonly #client: Client
  readonly #name: string
  readonly #code: string
  readonly #out: string

  /** `code` is the directory that holds `index.mjs`. */
  constructor(client: Client, name: string, code: string) {
    this.#client = client
    this.#name = name
    this.#code = code
    this.#out = join(code, `.${name}.out`)
  }

  async add(): Promise<void> {
    const environment = { OUT: this.#out, ORIGIN: `${performance.timeOrigin}` }
    await this.#call('PUT', `/v1/functions/${this.#name}`, { path: this.#code, environment })
  }

  async remove(): Promise<void> {
    await this.#call('DELETE', `/v1/functions/${this.#name}`)
    await rm(this.#out, { force: true })
  }

  /** How many milliseconds after it was due each record was handled; NaN for those of the warm-up. */
  async handled(): Promise<number[]> {
    // Before its first record there is no file.
    const text = await readFile(this.#out, 'utf8').catch(() => '')
    return text.split('\n').slice(0, -1).map(Number)
  }

  /** @throws Error when it has not handled so many records after a minute */
  async untilHandled(records: number): Promise<void> {
    const started = performance.now()
    while ((await this.handled()).length < records) {
      if (performance.now() - started > 60_000) throw new Error(`${this.#name} did not handle all records`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Runs it once; resolves with how long the handler took by its own clock. */
  async invoke(event: object): Promise<number> {
    const body = { payload: Buffer.from(JSON.stringify(event)) }
    const answer = (await this.#call('POST', `/v1/functions/${this.#name}/invocations`, body)) as {
      failed: boolean
      payload: Uint8Array
    }
    const text = Buffer.from(answer.payload).toString()
    if (answer.failed) throw new Error(`the handler failed: ${text}`)
    return Number(text)
  }

  /** Has a stream's new records pushed to it. */
  async bind(stream: string): Promise<AsyncDisposable> {
    const path = `/v1/bindings/${this.#name}`
    await this.#call('PUT', path, { source: { stream, from: 'horizon' }, target: { function: this.#name } })
    return { [Symbol.asyncDispose]: async () => void (await this.#call('DELETE', path)) }
  }

  /** Reads a stream so many times a second, and invokes it with what there is: what a poller does. */
  async poll(millrace: RunningMillrace, stream: string, readsPerSecond: number): Promise<AsyncDisposable> {
    let invoking: Promise<unknown> = Promise.resolve()
    let records: { readonly kinesis: { readonly data: string } }[] = []
    const poller = await millrace.poll(stream, readsPerSecond, (data) => {
      if (records.length === 0) {
        invoking = invoking.then(() => {
          const event = { Records: records }
          records = []
          return this.invoke(event)
        })
        invoking.catch((error: unknown) => console.error('polling:', error))
      }
      records.push({ kinesis: { data: Buffer.from(data).toString('base64') } })
    })
    return {
      [Symbol.asyncDispose]: async () => {
        await poller[Symbol.asyncDispose]()
        await invoking
      },
    }
  }

  #call(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    return this.#client.endpoint.call(body === undefined ? { method, path } : { method, path, body })
  }
}
