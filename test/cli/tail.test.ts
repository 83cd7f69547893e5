import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as assert from 'uvu/assert'
import type { Client } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { cli, withCli } from './harness.ts'

const test = suite('millrace tail')

async function putAll(client: Client, stream: string, texts: readonly (string | Uint8Array)[]): Promise<void> {
  for (const data of texts) await client.stream(stream).put({ key: 'k', data })
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `n${i + from}`)
const linesOf = (text: string) => text.split('\n').slice(0, -1)
/** Resolves when the broker has `count` long streams. */
async function longStreams(client: Client, count: number): Promise<void> {
  while ((await client.inspect()).longStreams !== count) await new Promise((resolve) => setTimeout(resolve, 10))
}

test(
  'it begins at the end, follows, and is ended by Ctrl-C with 130',
  withCli(async ({ start, client }) => {
    await client.stream('s').create()
    await putAll(client, 's', ['old'])
    const producers = (await client.inspect()).longStreams
    const tail = start(['tail', 's', '--raw'])
    await longStreams(client, producers + 1)
    await putAll(client, 's', ['new'])
    await tail.printed('new\n')
    tail.child.kill('SIGINT')
    const { code, stdout, stderr } = await tail.ended()
    assert.is(code, 130)
    assert.is(stdout, 'new\n')
    assert.is(stderr, '')
    await longStreams(client, producers)
  }),
)

test(
  'it begins at horizon, at a time by the broker’s clock, at a sequence, and ends after --limit records',
  withCli(
    async ({ run, broker, client }) => {
      await client.stream('s').create()
      await putAll(client, 's', ['a', 'b'])
      await broker.advance(20 * 60_000)
      await putAll(client, 's', ['c', 'd'])
      const at = new Date(broker.now()).toISOString()
      await broker.advance(60_000)
      await putAll(client, 's', ['e'])
      const tail = async (...args: string[]) => (await run(['tail', 's', '--raw', ...args])).stdout.replaceAll('\n', '')
      assert.equal(
        await Promise.all([
          tail('--from', 'horizon', '--limit', '3'),
          tail('--from', '-10m', '--limit', '2'),
          tail('--from', at, '--no-follow'),
          tail('--from', '1', '--shard', '0', '--limit', '2'),
          tail('--no-follow'),
          tail('--no-follow', '--from', 'latest'),
          tail('--no-follow', '--from=-1000d', '--limit', '1'),
        ]),
        ['abc', 'cd', 'cde', 'bc', 'abcde', '', 'a'],
      )
    },
    { clock: 'manual' },
  ),
)

test(
  'with --no-follow it prints every record of every shard, parents before children, and ends',
  withCli(async ({ run, client }) => {
    const stream = client.stream('s')
    await stream.create({ shards: 2 })
    const put = (text: string) => stream.put({ key: text.slice(0, 2), data: text })
    for (let i = 0; i < 40; i++) await put(`k${i % 4} ${i}`)
    await stream.split(0)
    for (let i = 40; i < 80; i++) await put(`k${i % 4} ${i}`)
    const { code, stdout } = await run(['tail', 's', '--no-follow', '--raw'])
    assert.is(code, 0)
    const seen = linesOf(stdout)
    assert.is(seen.length, 80)
    for (const key of ['k0', 'k1', 'k2', 'k3']) {
      const mine = seen.filter((line) => line.startsWith(key)).map((line) => Number(line.split(' ')[1]))
      assert.equal(
        mine,
        [...mine].sort((a, b) => a - b),
      )
      assert.is(mine.length, 20)
    }
  }),
)

test(
  'text is JSON, plain or binary in its own field, and JSON stays exactly as it was put',
  withCli(async ({ run, client }) => {
    await client.stream('s').create()
    const big = '{"id":12345678901234567890,\n "x": "a\\nb"}'
    await putAll(client, 's', [big, 'plain "text"\n\u001b[31m', Uint8Array.of(0xff, 0, 1)])
    await client.stream('s').put({ key: 'k', data: '1', headers: { source: 'test' } })
    const { stdout } = await run(['tail', 's', '--no-follow', '--json'])
    const lines = linesOf(stdout)
    assert.is(lines.length, 4)
    assert.match(lines[0] ?? '', '"json":{"id":12345678901234567890,  "x": "a\\nb"}}')
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.is(records[1]?.['text'], 'plain "text"\n\u001b[31m')
    assert.is(records[2]?.['data'], '/wAB')
    assert.equal(records[3]?.['headers'], { source: 'test' })
    assert.is(records[3]?.['json'], 1)
    assert.equal(
      records.map(({ shard, sequence, key }) => [shard, sequence, key]),
      [0, 1, 2, 3].map((sequence) => [0, sequence, 'k']),
    )
  }),
)

test(
  'text for people is one line a record; what would move a cursor is shown, and colours need a terminal or to be forced',
  withCli(async ({ run, client }) => {
    await client.stream('s').create()
    await putAll(client, 's', ['{"a":1}', 'x\n\u001b[31m', Uint8Array.of(0xff)])
    const args = ['tail', 's', '--no-follow']
    const [plain, forced, refused] = await Promise.all([
      run(args),
      run(args, '', { env: { FORCE_COLOR: '1' } }),
      run(args, '', { env: { NO_COLOR: '1', TERM: 'xterm-256color' } }),
    ])
    const lines = linesOf(plain.stdout)
    assert.is(lines.length, 3)
    assert.match(lines[0] ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z +0\/0 {2}k {2}\{"a":1\}$/)
    assert.match(lines[1] ?? '', 'x\\n\\u001b[31m')
    assert.match(lines[2] ?? '', 'base64:/w==')
    assert.not.match(plain.stdout + refused.stdout, '\u001b')
    assert.match(forced.stdout, '\u001b[36mk\u001b[39m')
  }),
)

test(
  'a consumer goes on behind the last record that was printed, to the record',
  withCli(async ({ run, start, client }) => {
    await client.stream('s').create()
    await Promise.all(numbers(50).map((data) => client.stream('s').put({ key: 'k', data })))
    const args = ['tail', 's', '--consumer', 'c', '--from', 'horizon', '--raw']
    const first = await run([...args, '--limit', '7'])
    assert.equal(linesOf(first.stdout), numbers(7))
    assert.is((await client.stream('s').consumer('c')).shards[0]?.next, 7)
    const second = await run([...args, '--no-follow', '--limit', '3'])
    assert.equal(linesOf(second.stdout), numbers(3, 7))
    const third = start(args)
    await third.printed('n49\n')
    third.child.kill('SIGINT')
    assert.is((await third.ended()).code, 130)
    assert.equal(linesOf(third.stdout), numbers(40, 10))
    assert.is((await client.stream('s').consumer('c')).shards[0]?.next, 50)
  }),
)

test(
  'only the shards asked for are read, and a sequence needs one of them',
  withCli(async ({ run, client }) => {
    const stream = client.stream('s')
    await stream.create({ shards: 3 })
    for (const [i, hashKey] of [0n, 2n ** 127n, 2n ** 128n - 1n].entries()) {
      await stream.put({ key: 'k', data: `shard ${i}`, hashKey })
    }
    const [two, missing, ambiguous] = await Promise.all([
      run(['tail', 's', '--shard', '0', '--shard', '2', '--no-follow', '--raw']),
      run(['tail', 's', '--shard', '9', '--no-follow']),
      run(['tail', 's', '--from', '5']),
    ])
    assert.equal(linesOf(two.stdout).sort(), ['shard 0', 'shard 2'])
    assert.is(missing.code, 1)
    assert.match(missing.stderr, 'has no shard 9')
    assert.is(ambiguous.code, 2)
    assert.match(ambiguous.stderr, '--shard')
  }),
)

/** Runs a line of bash in which `millrace` is the command. */
async function shell(line: string, url: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const millrace = `millrace() { "${process.execPath}" "${cli}" "$@"; }`
  const env = { PATH: process.env['PATH'] ?? '', MILLRACE_URL: url }
  const child = spawn('bash', ['-o', 'pipefail', '-c', `${millrace}; ${line}`], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

test(
  'it ends quietly when whoever reads it has seen enough, even where nothing more is put',
  withCli(async ({ broker, client }) => {
    await client.stream('s').create()
    await putAll(client, 's', ['a', 'b', 'c'])
    await client.stream('long').create()
    await Promise.all(numbers(2_000).map((n) => client.stream('long').put({ key: 'k', data: n.padEnd(500) })))
    const line = (command: string) => shell(`${command} | head -1`, broker.url ?? '')
    const [quiet, busy, finite, help] = await Promise.all([
      // Linux alone says that a pipe's reader is gone while nothing is written.
      process.platform === 'linux' ? line('millrace tail s --from horizon --raw') : undefined,
      line('millrace tail long --from horizon --raw'),
      line('millrace tail long --no-follow --raw'),
      line('millrace tail --help'),
    ])
    if (quiet !== undefined) assert.equal(quiet, { code: 0, stdout: 'a\n', stderr: '' })
    for (const each of [busy, finite]) assert.equal(each, { code: 0, stdout: `${'n0'.padEnd(500)}\n`, stderr: '' })
    assert.is(help.stderr, '')
    assert.is(help.code, 0)
  }),
)

test(
  'a reader that goes away is noticed with the next record',
  withCli(async ({ start, client }) => {
    await client.stream('s').create()
    const tail = start(['tail', 's', '--from', 'horizon', '--raw'])
    await putAll(client, 's', ['a'])
    await tail.printed('a\n')
    tail.child.stdout.destroy()
    const ended = tail.ended()
    let over = false
    void ended.then(() => {
      over = true
    })
    while (!over) await putAll(client, 's', ['b'])
    assert.equal(await ended, { code: 0, stdout: 'a\n', stderr: '' })
  }),
)

test.run()
