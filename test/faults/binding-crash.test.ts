import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Client, connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { killed, start } from './killed-broker.ts'

const test = suite('a broker is killed while a binding works')

const records = 10_000
const keys = 50
const batchMax = 200
const crashes = 3

/** Appends what it gets to a file, one line a record, in one write: what is in the file was handled. */
const handler = `import { appendFileSync } from 'node:fs'
export const handler = async (event) => {
  const lines = event.Records.map(({ kinesis }) => kinesis.partitionKey + ' ' + Buffer.from(kinesis.data, 'base64') + '\\n')
  await new Promise((resolve) => setTimeout(resolve, 5))
  appendFileSync(process.env.OUT, lines.join(''))
}`

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

async function fill(client: Client, code: string, out: string, batch: object): Promise<void> {
  const stream = client.stream('orders')
  await stream.create({ shards: 2 })
  const puts = Array.from({ length: records }, (_, i) =>
    stream.put({ key: `k${i % keys}`, data: `${Math.floor(i / keys)}` }),
  )
  await Promise.all(puts)
  const put = (path: string, body: object) => client.endpoint.call({ method: 'PUT', path, body })
  await put('/v1/functions/handler', { path: code, environment: { OUT: out } })
  await put('/v1/bindings/b', { source: { stream: 'orders', from: 'horizon' }, target: { function: 'handler' }, batch })
}

/** Runs `body` with a broker that works a binding, and is killed again and again while it does. */
async function withCrashes(
  { handler, batch }: { readonly handler: string; readonly batch: object },
  body: (out: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const [data, out, code] = ['data', 'out', 'code'].map((name) => join(directory, name)) as [string, string, string]
  // Apart from what it writes: a directory whose files change is loaded anew.
  await mkdir(code)
  await writeFile(join(code, 'index.mjs'), handler)
  let broker = await start(data)
  try {
    const client = await connect(broker.url)
    await fill(client, code, out, batch)
    await client.close()
    for (let crash = 1; crash <= crashes; crash++) {
      const enough = (records / (crashes + 1)) * crash
      while ((await linesOf(out)).length < enough) await new Promise((resolve) => setTimeout(resolve, 5))
      await killed(broker.child)
      broker = await start(data)
    }
    await body(out)
  } finally {
    await killed(broker.child)
    await rm(directory, { recursive: true, force: true })
  }
}

test('every record is handled, the order of every key is kept, and no more than a batch is done again', () =>
  withCrashes({ handler, batch: { recordsMax: batchMax } }, async (out) => {
    const distinct = async () => new Set(await linesOf(out)).size
    while ((await distinct()) < records) await new Promise((resolve) => setTimeout(resolve, 50))
    const lines = await linesOf(out)
    assert.is(new Set(lines).size, records)
    // Two shards, each with a batch under way and one whose position was being written.
    assert.ok(lines.length - records <= crashes * 2 * 2 * batchMax, `${lines.length - records} were done again`)
    const next = new Map<string, number>()
    for (const line of lines) {
      const [key, text] = line.split(' ') as [string, string]
      const expected = next.get(key) ?? 0
      // A batch that is done again goes back; nothing ever skips ahead.
      assert.ok(Number(text) <= expected, `${key} skips from ${expected} to ${text}`)
      next.set(key, Number(text) + 1)
    }
  }))

/** Counts the records of a window in its state, and writes the count down at its end, with the record that the window began with. */
const counting = `import { appendFileSync } from 'node:fs'
export const handler = async ({ Records, state, isFinalInvokeForWindow }) => {
  await new Promise((resolve) => setTimeout(resolve, 5))
  const write = (lines) => appendFileSync(process.env.OUT, lines.map((line) => line + '\\n').join(''))
  if (isFinalInvokeForWindow) return write(['window ' + state.first + ' ' + state.count])
  write(Records.map(({ eventID }) => eventID))
  return { state: { first: state.first ?? Records[0].eventID, count: (state.count ?? 0) + Records.length } }
}`

test('in the states of tumbling windows every record is counted once', () =>
  withCrashes({ handler: counting, batch: { recordsMax: batchMax, tumblingMillis: 500 } }, async (out) => {
    const counted = async () => {
      const windows = (await linesOf(out)).filter((line) => line.startsWith('window '))
      const counts = new Map(windows.map((line) => line.split(' ').slice(1) as [string, string]))
      return [...counts.values()].reduce((sum, count) => sum + Number(count), 0)
    }
    while ((await counted()) < records) await new Promise((resolve) => setTimeout(resolve, 50))
    // What is counted twice would show in a window that ends last.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    assert.is(await counted(), records)
  }))

test.run()
