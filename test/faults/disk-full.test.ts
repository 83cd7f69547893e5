import { spawnSync } from 'node:child_process'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { until, within } from '../server/harness.ts'
import { Http2Client } from '../server/raw-client.ts'
import { blockOf, RawProducer, RawReader } from '../server/raw-streams.ts'
import { suite } from '../suite.ts'
import { BrokerChild } from './broker-child.ts'

const test = suite('full disks')
const diskBytes = 32 * 1024 * 1024

/** A disk of its own, which takes root to make; undefined where it cannot be made. */
async function mount(): Promise<string | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', path])
  if (status === 0) return path
  await rm(path, { recursive: true })
  return undefined
}

async function unmount(path: string): Promise<void> {
  spawnSync('umount', [path])
  await rm(path, { recursive: true })
}

/** Fills the disk to its last byte; returns how to free what that took. */
async function ballast(disk: string): Promise<() => Promise<void>> {
  const path = join(disk, 'ballast')
  const file = await open(path, 'a')
  try {
    for (const bytes of [1024 * 1024, 4096]) {
      const filler = Buffer.alloc(bytes)
      for (;;) {
        const wrote = await file.write(filler).catch((error: NodeJS.ErrnoException) => error.code)
        if (wrote === 'ENOSPC') break
      }
    }
  } finally {
    await file.close()
  }
  assert.is((await statfs(disk)).bavail, 0)
  return () => rm(path)
}

/** Runs `body` with a broker on a disk of 32 MB, which must live through it and end well. */
async function onSmallDisk(body: (client: Http2Client, disk: string) => Promise<void>): Promise<void> {
  const disk = (await mount()) as string
  const data = join(disk, 'data')
  const limits = { segmentBytesMax: 1_000_000, retentionPassMillis: 100, tailBytesMax: 300_000 }
  let broker = new BrokerChild({ data, limits })
  try {
    const client = new Http2Client(await broker.open())
    await body(client, disk)
    client.close()
    assert.is(await broker.end('SIGTERM'), 0, broker.output)
    broker = new BrokerChild({ data, limits })
    await broker.open()
    assert.is(await broker.end('SIGTERM'), 0, broker.output)
  } finally {
    await broker.end('SIGKILL')
    await unmount(disk)
  }
}

async function records(client: Http2Client, count: number): Promise<{ status: number; code: unknown }> {
  const all = Array.from({ length: count }, (_, i) => ({ key: `k${i}`, text: 'x'.repeat(20_000) }))
  const answer = await client.ask('POST', '/v1/streams/s/records', { body: { records: all } })
  return { status: answer.status, code: answer.at('code') }
}

const disk = await mount()
if (disk === undefined) {
  for (const name of ['writers', 'catalog', 'retention']) test.skip(name, 'only root can make a small disk')
} else {
  await unmount(disk)

  test('on a full disk writers are told 507, readers go on, and writing resumes when there is space; five times', () =>
    onSmallDisk(async (client, disk) => {
      await client.ask('PUT', '/v1/streams/s')
      const producer = new RawProducer(client.open('/v1/streams/s/append'))
      const live = new RawReader(client.open('/v1/streams/s/subscribe', { body: {} }))
      let sequence = 0
      const append = () => producer.append(0, blockOf([`${sequence}`.padEnd(50_000)], 5, sequence))
      for (let cycle = 0; cycle < 5; cycle++) {
        for (let i = 0; i < 20; i++) {
          assert.is((await append()).base, sequence, `cycle ${cycle}`)
          sequence++
        }
        const free = await ballast(disk)
        const refused = await append()
        assert.equal([refused.error?.code, refused.error?.retryable], ['store_full', true], JSON.stringify(refused))
        for (let i = 0; i < 3; i++) assert.equal(await records(client, 5), { status: 507, code: 'store_full' })
        const page = await client.ask('GET', '/v1/streams/s/records?limit=10000')
        assert.is((page.at('records') as unknown[]).length, sequence, 'what is there can be read')
        const late = new RawReader(client.open('/v1/streams/s/subscribe', { body: {} }))
        await late.has(sequence)
        late.stream.cut()
        await live.has(sequence)
        await free()
      }
      assert.is((await append()).base, sequence)
      await live.has(sequence + 1)
      await producer.finish()
      live.stream.cut()
    }))

  test('on a full disk streams, checkpoints, leases and splits are told 507 too, and work again when there is space', () =>
    onSmallDisk(async (client, disk) => {
      await client.ask('PUT', '/v1/streams/s')
      await client.ask('PUT', '/v1/streams/gone')
      await records(client, 40)
      // What is small may fit into pages that the catalog has free; what goes into the log never does, for its reserve is kept.
      const calls = (cycle: number): [fits: boolean, method: string, path: string, body: object][] => [
        [false, 'PUT', `/v1/streams/new-${cycle}`, { shards: 8_000 }],
        [false, 'POST', '/v1/streams/s/consumers/c/checkpoints', { shards: { 0: { next: cycle } } }],
        [false, 'PUT', `/v1/streams/s/groups/g${cycle}/members/m`, {}],
        [true, 'PATCH', '/v1/streams/s', { retentionMillis: 10_000_000 + cycle }],
        [true, 'POST', '/v1/streams/s/split', { shard: cycle === 0 ? 0 : cycle * 2 - 1 }],
      ]
      const names = async () =>
        ((await client.ask('GET', '/v1/streams')).at('streams') as { name: string }[]).map(({ name }) => name)
      for (let cycle = 0; cycle < 5; cycle++) {
        // The open segment is due: the next commit would seal it first.
        assert.equal(await records(client, 49), { status: 200, code: undefined })
        const before = await names()
        const free = await ballast(disk)
        const done = new Set<string>()
        for (const [fits, method, path, body] of calls(cycle)) {
          const refused = await client.ask(method, path, { body })
          if (fits && refused.status < 300) done.add(path)
          else assert.equal([refused.status, refused.at('code')], [507, 'store_full'], `${method} ${path}`)
        }
        assert.equal(await names(), before, 'nothing of what was refused happened')
        assert.equal(await records(client, 1), { status: 507, code: 'store_full' })
        await free()
        for (const [, method, path, body] of calls(cycle)) {
          if (done.has(path)) continue
          const answer = await client.ask(method, path, { body })
          assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.value)}`)
        }
        assert.equal(await records(client, 1), { status: 200, code: undefined })
      }
      const log = (await client.ask('GET', '/v1/inspect')).at('log', 'segments') as { sealed: boolean }[]
      assert.ok(log.filter(({ sealed }) => sealed).length >= 5, `${log.length} segments`)
    }))

  test('a disk that the log itself filled has space again when what it held is past its retention', () =>
    onSmallDisk(async (client) => {
      for (let cycle = 0; cycle < 3; cycle++) {
        await client.ask('PUT', '/v1/streams/s')
        await until(async () => (await records(client, 30)).status === 507, 'the disk is full', 60_000)
        // A put that is cut small may still fit, so this is no proof that deleting a stream needs no space; the reserve is there for it.
        assert.is((await client.ask('DELETE', '/v1/streams/s')).status, 204)
        await client.ask('PUT', '/v1/streams/s')
        await within(
          until(async () => (await records(client, 30)).status === 200, 'there is space again'),
          'there is space again',
        )
        await client.ask('DELETE', '/v1/streams/s')
      }
    }))
}

test.run()
