import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { until, within } from '../server/harness.ts'
import { Http2Client } from '../server/raw-client.ts'
import { RawReader } from '../server/raw-streams.ts'
import { BrokerChild } from './broker-child.ts'

/** How much more memory than before may be resident when it is over. */
const grownBytesMax = 96 * 1024 * 1024

/** Node sends some floods a GOAWAY and then neither reads nor closes: it is the broker's patience that ends those. */
const limits = { connectionPassMillis: 500, pingMillis: 1_000, silenceMillisMax: 5_000 }

/** A broker that strangers are let loose on, and somebody with a connection of his own who must not notice. */
export interface Siege {
  readonly url: string
  readonly port: number
  /** Sends `bytes` over a connection of their own and hangs up; resolves when the broker closed it too, with what it said. */
  attack(bytes: Uint8Array | readonly Uint8Array[]): Promise<Buffer>
}

/** Puts one record after another, and reads them all, over connections that nobody else uses. */
class Witness {
  readonly #client: Http2Client
  readonly #reader: RawReader
  readonly #working: Promise<void>
  #stopped = false
  puts = 0

  constructor(url: string) {
    this.#client = new Http2Client(url)
    this.#reader = new RawReader(this.#client.open('/v1/streams/witness/subscribe', { body: {} }))
    this.#working = this.#work()
    this.#working.catch(() => undefined)
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const body = { records: [{ key: 'k', text: `${this.puts}` }] }
      const answer = await within(
        this.#client.ask('POST', '/v1/streams/witness/records', { body }),
        'the witness is served',
      )
      assert.is(answer.status, 200)
      this.puts++
      await sleep(2)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#working
    await this.#reader.has(this.puts)
    assert.equal(
      this.#reader.of(0),
      Array.from({ length: this.puts }, (_, i) => `${i}`),
    )
    this.#client.close()
  }
}

/** Runs `body` against a broker in a process of its own, which must live, serve the witness, and be as large as before. */
export async function besieged(body: (siege: Siege) => Promise<void>): Promise<void> {
  const broker = new BrokerChild({ data: '', memory: true, limits }, ['--expose-gc'])
  try {
    const url = await broker.open()
    const port = Number(new URL(url).port)
    const control = new Http2Client(url)
    await control.ask('PUT', '/v1/streams/witness')
    const witness = new Witness(url)
    const resident = async () => {
      broker.collect()
      return Number((await control.ask('GET', '/v1/inspect')).at('memory', 'residentBytes'))
    }
    await until(() => witness.puts > 100, 'the witness is at work')
    const before = await resident()
    await body({ url, port, attack: (bytes) => attack(port, bytes) })
    const puts = witness.puts
    await until(() => witness.puts > puts + 20, 'the witness is still served')
    await witness.stop()
    let after = 0
    await until(async () => {
      after = await resident()
      return after - before < grownBytesMax
    }, 'the memory is given back').catch(() => undefined)
    assert.ok(after - before < grownBytesMax, `${after - before} bytes more are resident than before`)
    const longStreams = async () => (await control.ask('GET', '/v1/inspect')).at('longStreams')
    await until(async () => (await longStreams()) === 0, 'no stream is left over')
    control.close()
    assert.is(await broker.end('SIGTERM'), 0, broker.output)
    assert.is(broker.output, '', 'nothing of it is a fault of the broker')
  } finally {
    await broker.end('SIGKILL')
  }
}

async function attack(port: number, bytes: Uint8Array | readonly Uint8Array[]): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' })
  const said: Buffer[] = []
  let saidBytes = 0
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    // Whoever floods does not listen either; the first words are enough.
    if (saidBytes < 100_000) said.push(chunk)
    saidBytes += chunk.length
  })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
    if (socket.destroyed) break
    if (!socket.write(part)) await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))])
  }
  socket.end()
  await within(closed, 'the broker closes the connection', 60_000)
  return Buffer.concat(said)
}
