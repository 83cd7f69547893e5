import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Client, ConsumedRecord } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace put')

async function stored(client: Client, stream: string): Promise<ConsumedRecord[]> {
  const { shards } = await client.stream(stream).describe()
  const pages = shards.map(({ shard }) => client.stream(stream).read({ shard, limit: 10_000 }))
  return (await Promise.all(pages)).flatMap(({ records }) => records)
}

test(
  'each line becomes a record with the key its pointer finds, and the count is of what is stored',
  withCli(async ({ run, client }) => {
    await client.stream('s').create({ shards: 4 })
    const lines = '{"user":{"id":"u1"},"n":1}\n{"user":{"id":7},"n":2}\r\n{"user":{"id":"u1"},"n":3}'
    const put = await run(['put', 's', '--key', '/user/id', '--json', '--header', 'a=1', '--header', 'b=x=y'], lines)
    assert.is(put.code, 0, put.stderr)
    const { millis, ...counts } = JSON.parse(put.stdout) as Record<string, unknown>
    assert.type(millis, 'number')
    assert.equal(counts, { stream: 's', records: 3, failed: 0, blank: 0, bytes: 75 })
    const records = await stored(client, 's')
    assert.equal(
      records.filter(({ key }) => key === 'u1').map((record) => record.json<{ n: number }>().n),
      [1, 3],
    )
    const [seven] = records.filter(({ key }) => key === '7')
    assert.is(seven?.text(), '{"user":{"id":7},"n":2}')
    assert.equal(seven?.headers, { a: '1', b: 'x=y' })
  }),
)

test(
  'lines without a key are spread over the shards, and those with one text stay together in order',
  withCli(async ({ run, client }) => {
    await Promise.all([client.stream('spread').create({ shards: 4 }), client.stream('one').create({ shards: 4 })])
    const lines = Array.from({ length: 400 }, (_, i) => `line ${i}`)
    const [spread, one] = await Promise.all([
      run(['put', 'spread'], lines.join('\n')),
      run(['put', 'one', '--key-text', 'k'], lines.join('\n')),
    ])
    assert.match(spread.stdout, 'Put 400 records (3.0 KiB) on spread')
    assert.match(one.stdout, 'Put 400 records')
    const shards = new Set((await stored(client, 'spread')).map(({ shard }) => shard))
    assert.is(shards.size, 4)
    assert.equal(
      (await stored(client, 'one')).map((record) => record.text()),
      lines,
    )
  }),
)

test(
  'lines that cannot be stored are named, the others are stored, and the exit code is 1',
  withCli(async ({ run, client }) => {
    await client.stream('s').create({ recordBytesMax: 100 })
    const long = `{"id":"long","text":"${'x'.repeat(200)}"}`
    const lines = ['{"id":"a"}', 'not json', '', '{"no":"id"}', '{"id":{}}', 'null', long, '{"id":"b"}', '{"id":""}']
    const put = await run(['put', 's', '--key', '/id'], `${lines.join('\n')}\n`)
    assert.is(put.code, 1)
    assert.match(put.stdout, 'Put 2 records')
    assert.match(put.stdout, 'Left out 1 blank line.')
    assert.match(put.stderr, /line 2: is not JSON/)
    for (const line of [4, 5, 6, 9]) assert.match(put.stderr, `line ${line}: has no text or number at /id`)
    assert.match(put.stderr, /line 7: is longer than what is taken here, 100 bytes/)
    assert.match(put.stderr, '6 lines were not stored')
    assert.equal(
      (await stored(client, 's')).map(({ key }) => key),
      ['a', 'b'],
    )
  }),
)

test(
  'a record that is too large only together with its key is named too',
  withCli(async ({ run, client }) => {
    await client.stream('s').create({ recordBytesMax: 100 })
    const put = await run(['put', 's', '--key-text', 'key'], `short\n${'x'.repeat(99)}\nshort`)
    assert.is(put.code, 1)
    assert.match(put.stderr, 'line 2: A record of 102 bytes is over the limit of 100.')
    assert.is((await stored(client, 's')).length, 2)
  }),
)

test(
  'failures without end are named at first, then counted',
  withCli(async ({ run, client }) => {
    await client.stream('s').create()
    const put = await run(['put', 's', '--key', '/id'], 'garbage\n'.repeat(500))
    assert.is(put.code, 1)
    assert.is(put.stderr.match(/is not JSON/g)?.length, 10)
    assert.match(put.stderr, '500 lines were not stored')
  }),
)

test(
  'binary data goes in and comes out as it is, cut at line feeds',
  withCli(async ({ run, client }) => {
    await client.stream('s').create()
    const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) & 0xff)
    const put = await run(['put', 's', '--key-text', 'k'], bytes)
    assert.is(put.code, 0, put.stderr)
    const out = Buffer.concat((await stored(client, 's')).flatMap(({ data }) => [data, Buffer.from('\n')]))
    assert.is(Buffer.compare(out.subarray(0, -1), bytes), 0)
    const keyed = await run(['put', 's', '--key', '/id'], bytes)
    assert.is(keyed.code, 1)
    assert.match(keyed.stderr, 'line 1: is not UTF-8 text')
  }),
)

test(
  'a line far longer than a record costs no memory and stops nothing',
  withCli(async ({ client, start }) => {
    await client.stream('s').create()
    const put = start(['put', 's', '--json'], { env: { NODE_OPTIONS: '--max-old-space-size=64' } })
    const chunk = Buffer.alloc(1024 * 1024, '[')
    for (let i = 0; i < 150; i++) {
      if (!put.child.stdin.write(chunk)) await new Promise((resolve) => put.child.stdin.once('drain', resolve))
    }
    put.child.stdin.end('\nshort\n')
    const { code, stdout, stderr } = await put.ended()
    assert.is(code, 1)
    assert.match(stderr, 'line 1: is longer than what is taken here, 1,048,576 bytes; of a JSON array')
    assert.is((JSON.parse(stdout) as { records: number }).records, 1)
  }),
)

test(
  'files are put one after the other, and their lines named by file',
  withCli(async ({ run, client }) => {
    await client.stream('s').create()
    const folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'))
    try {
      await writeFile(join(folder, 'a.ndjson'), '{"id":1}\n{"id":2}\n')
      await writeFile(join(folder, 'b.ndjson'), '{"id":3}\noops\n{"id":4}')
      const put = await run(['put', 's', 'a.ndjson', 'b.ndjson', '-', '--key', '/id'], '{"id":5}', { cwd: folder })
      assert.is(put.code, 1)
      assert.match(put.stderr, 'b.ndjson:2: is not JSON')
      assert.equal(
        (await stored(client, 's')).map(({ key }) => key),
        ['1', '2', '3', '4', '5'],
      )
      const missing = await run(['put', 's', 'a.ndjson', 'nowhere.ndjson'], '', { cwd: folder })
      assert.is(missing.code, 2)
      assert.match(missing.stderr, 'nowhere.ndjson cannot be read')
      assert.is((await stored(client, 's')).length, 5)
    } finally {
      await rm(folder, { recursive: true })
    }
  }),
)

test(
  'a stream that is not there, or goes away, is said once and not for every line',
  withCli(async ({ run, start, client }) => {
    await client.stream('orders').create()
    const missing = await run(['put', 'order'], 'a\nb\nc\n')
    assert.is(missing.code, 1)
    assert.match(missing.stderr, 'Did you mean orders?')
    const put = start(['put', 'orders', '--json'])
    put.child.stdin.write('first\n')
    while ((await stored(client, 'orders')).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await client.stream('orders').delete()
    put.child.stdin.write('second\n')
    put.child.stdin.end('third\n')
    const { code, stdout, stderr } = await put.ended()
    assert.is(code, 1)
    assert.is((JSON.parse(stdout) as { records: number }).records, 1)
    assert.match(stderr, 'stopped at line 2')
    assert.is(stderr.match(/There is no stream orders/g)?.length, 1)
  }),
)

test(
  'Ctrl-C stores what was read, says how much that was, and ends with 130',
  withCli(async ({ start, client }) => {
    await client.stream('s').create()
    const put = start(['put', 's'])
    put.child.stdin.write('one\ntwo\nhalf a li')
    while ((await stored(client, 's')).length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    put.child.kill('SIGINT')
    const { code, stdout } = await put.ended()
    assert.is(code, 130)
    assert.match(stdout, 'Put 2 records')
    assert.equal(
      (await stored(client, 's')).map((record) => record.text()),
      ['one', 'two'],
    )
  }),
)

test(
  'flags that contradict each other or make no sense end with 2',
  withCli(async ({ run, client }) => {
    await client.stream('s').create()
    const outcomes = await Promise.all([
      run(['put', 's', '--key', '/a', '--key-text', 'b'], 'x'),
      run(['put', 's', '--key', 'user'], '{"user":1}'),
      run(['put', 's', '--header', 'nothing'], 'x'),
      run(['put'], 'x'),
    ])
    assert.equal(
      outcomes.map(({ code }) => code),
      [2, 2, 2, 2],
    )
    assert.match(outcomes[1]?.stderr ?? '', '/user')
    assert.equal(await stored(client, 's'), [])
  }),
)

test.run()
