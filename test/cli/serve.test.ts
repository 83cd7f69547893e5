import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { until, within } from '../server/harness.ts'
import { Http1Client, Http2Client } from '../server/raw-client.ts'
import { blockOf, RawProducer, RawReader } from '../server/raw-streams.ts'
import { suite } from '../suite.ts'
import { BrokerProcess, freePort, withDirectory } from './broker-process.ts'

const test = suite('millrace serve')
const hasCurl = spawnSync('curl', ['--version']).status === 0

/** Whether a broker answers there; nobody listening yet is a no. */
async function isWell(url: string): Promise<boolean> {
  const client = new Http1Client(url)
  try {
    return (await client.ask('GET', '/healthz')).status === 200
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
    return false
  } finally {
    client.close()
  }
}

/** Starts a broker that must not start; returns what it said and how it ended. */
async function refused(
  flags: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; stderr: string }> {
  const broker = BrokerProcess.serve(flags, env)
  const { code } = await within(broker.exited, `it refuses ${flags}`)
  assert.is(broker.stdout, '', 'what is wrong is said on stderr')
  return { code, stderr: broker.stderr }
}

test('it says where it is, what is where, and what to try next; and that works', () =>
  withDirectory(async (path) => {
    const data = join(path, 'new', 'data')
    const broker = BrokerProcess.serve(['--data', data])
    const url = await broker.url()
    await broker.says(/Try next[\s\S]*millrace tail orders[^\n]*\n/)
    assert.match(broker.stdout, /^\s+Millrace \d+\.\d+\.\d+ at http:\/\/127\.0\.0\.1:\d+ +HTTP\/1\.1, HTTP\/2$/m)
    assert.ok(broker.stdout.includes(`data    ${data} (0 streams, 0 B)`), broker.stdout)
    assert.match(broker.stdout, /clock +real +limits +relaxed +access +this machine/)
    assert.ok(await isWell(url))
    assert.equal((await readdir(data)).includes('FORMAT'), true)
    if (hasCurl) {
      const commands = [...broker.stdout.matchAll(/^ +(curl .*)$/gm)].map(([, command]) => command as string)
      assert.is(commands.length, 2)
      for (const command of commands) {
        const { stdout, status } = spawnSync('sh', ['-c', `${command} --fail --silent`], { encoding: 'utf8' })
        assert.is(status, 0, `${command}\n${stdout}`)
      }
      const client = new Http1Client(url)
      const read = await client.ask('GET', '/v1/streams/orders/records')
      assert.is(Buffer.from(String(read.at('records', 0, 'data')), 'base64').toString(), '{"total":42}')
      client.close()
    }
    assert.equal(await broker.end('SIGTERM'), { code: 0, signal: null })
    assert.match(broker.stdout, /SIGTERM: draining …\n$/)
    assert.is(broker.stderr, '')
  }))

test('/healthz answers only once requests are taken, and from then on', async () => {
  const port = await freePort()
  const broker = BrokerProcess.serve(['--memory', '--quiet', '--port', `${port}`])
  const url = `http://127.0.0.1:${port}`
  await until(() => isWell(url), 'it is up')
  const client = new Http2Client(url)
  assert.is((await client.ask('PUT', '/v1/streams/s')).status, 201)
  client.close()
  await broker.end('SIGTERM')
  assert.equal([broker.stdout, broker.stderr], ['', ''], 'quiet')
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} drains: what was taken is answered, readers are told, nothing acknowledged is lost, exit 0`, () =>
    withDirectory(async (path) => {
      const first = BrokerProcess.serve(['--data', path])
      const client = new Http2Client(await first.url())
      await client.ask('PUT', '/v1/streams/s', { body: { shards: 2 } })
      const reader = new RawReader(client.open('/v1/streams/s/subscribe', { body: {} }))
      const producer = new RawProducer(client.open('/v1/streams/s/append'))
      await reader.sees('position 1')
      await producer.append(0, blockOf(['first'], 7, 0))
      let next = 1
      const load = setInterval(() => {
        for (let i = 0; i < 20; i++) {
          producer
            .append(next % 2, blockOf([`${next}`], 7 + (next % 2), Math.ceil(next / 2) - (next % 2)))
            .catch(() => undefined)
          next++
        }
      }, 1)
      await until(() => producer.outcomes.length > 200, 'it takes the load')
      first.kill(signal)
      await within(producer.over, 'the session ends')
      clearInterval(load)
      await within(reader.over, 'the subscription ends')
      assert.ok(producer.drained, 'the session was told')
      assert.is(reader.events.at(-1), 'drain')
      assert.equal(await within(first.exited, 'it ends'), { code: 0, signal: null })
      client.close()

      const second = BrokerProcess.serve(['--data', path])
      const again = new Http1Client(await second.url())
      let stored = 0
      for (const shard of [0, 1]) {
        const page = await again.ask('GET', `/v1/streams/s/records?shard=${shard}&limit=10000`)
        const records = page.at('records') as { data: string }[]
        stored += records.length
        const texts = records.map(({ data }) => Buffer.from(data, 'base64').toString())
        assert.equal(reader.of(shard), texts.slice(0, reader.of(shard).length), 'what a reader saw is what is there')
      }
      assert.is(stored, producer.outcomes.length, 'each block is there that was acknowledged, and no other')
      again.close()
      await second.end('SIGTERM')
    }))
}

test('a second signal ends it at once', async () => {
  const endedBy = async (first: NodeJS.Signals, second: NodeJS.Signals) => {
    const broker = BrokerProcess.serve(['--memory', '--clock', 'manual'])
    const client = new Http2Client(await broker.url())
    await client.ask('PUT', '/v1/streams/s')
    // A reader that takes nothing holds the drain up for as long as a drain may take.
    const stalled = client.open('/v1/streams/s/subscribe', { body: {} })
    await stalled.status
    stalled.pause()
    const records = Array.from({ length: 10 }, () => ({ key: 'k', text: 'x'.repeat(1_000_000) }))
    await client.ask('POST', '/v1/streams/s/records', { body: { records } })
    broker.kill(first)
    await broker.says(/draining/)
    broker.kill(second)
    const exit = await within(broker.exited, 'it ends')
    client.close()
    return exit
  }
  const ends = [endedBy('SIGTERM', 'SIGTERM'), endedBy('SIGTERM', 'SIGINT'), endedBy('SIGINT', 'SIGINT')]
  assert.equal(
    await Promise.all(ends),
    [143, 130, 130].map((code) => ({ code, signal: null })),
  )
})

test('one broker a data directory: the second says who holds it', () =>
  withDirectory(async (path) => {
    const first = BrokerProcess.serve(['--data', path])
    const url = await first.url()
    const { code, stderr } = await refused(['--data', path])
    assert.is(code, 1)
    assert.match(
      stderr,
      new RegExp(`^millrace: Another broker \\(pid ${first.child.pid}\\) uses the data directory ${path}`),
    )
    assert.match(stderr, /Stop it, or start this one with another --data/)
    assert.ok(await isWell(url), 'the first one goes on')
    await first.end('SIGKILL')
    const third = BrokerProcess.serve(['--data', path])
    await third.url()
    await third.end('SIGTERM')
  }))

test('a port that is taken, a directory that cannot be used and a foreign format are said in a sentence', () =>
  withDirectory(async (path) => {
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const taken = await refused(['--memory', '--port', `${port}`])
    assert.is(taken.code, 1)
    assert.match(
      taken.stderr,
      new RegExp(
        `^millrace: Cannot listen on 127\\.0\\.0\\.1:${port}: another program listens there\\.\n +Choose another`,
      ),
    )
    other.close()

    const file = join(path, 'file')
    await writeFile(file, 'not a directory')
    for (const data of [file, join(file, 'below')]) {
      const unusable = await refused(['--data', data])
      assert.is(unusable.code, 1)
      assert.match(unusable.stderr, /^millrace: The data directory .* cannot be used: .*\n +Make it writable/)
      assert.not.match(unusable.stderr, / at .*\.js:/, 'no stack trace')
    }

    await writeFile(join(path, 'FORMAT'), 'millrace 99\n')
    const foreign = await refused(['--data', path])
    assert.is(foreign.code, 1)
    assert.match(foreign.stderr, /has format millrace 99; this broker knows millrace 1\. Nothing was changed\./)
    assert.equal((await readdir(path)).sort(), ['FORMAT', 'file'])
    assert.is(await readFile(join(path, 'FORMAT'), 'utf8'), 'millrace 99\n')
  }))

test('flags that are wrong are refused, naming the flag', async () => {
  const cases: [string[], RegExp][] = [
    [['--prot', '1'], /unknown option '--prot'[\s\S]*--help/],
    [['--port', 'abc'], /--port must be 0 to 65535 and is abc/],
    [['--port', '65536'], /--port must be 0 to 65535/],
    [['--clock', 'fast'], /'--clock <kind>'.*fast[\s\S]*real, manual/],
    [['--limits', 'none'], /'--limits <set>'.*none[\s\S]*relaxed, strict/],
    [['--log-bytes', '20 GB'], /--log-bytes must be a size such as 512MiB and is 20 GB/],
    [['--tls-cert', 'x.pem'], /--tls-cert and --tls-key must be given together/],
    [['--tls-cert', '/nowhere/x.pem', '--tls-key', '/nowhere/x.pem'], /--tls-cert cannot be read: ENOENT/],
    [
      ['--host', '0.0.0.0'],
      /0\.0\.0\.0 can be reached by others, and neither a token nor AWS credentials are set[\s\S]*--token[\s\S]*--insecure/,
    ],
    [['stray'], /too many arguments/],
  ]
  await Promise.all(
    cases.map(async ([flags, message]) => {
      const { code, stderr } = await refused([...flags, '--memory'])
      assert.is(code, 2, flags.join(' '))
      assert.match(stderr, message)
      assert.not.match(stderr, / at .*\.js:/, 'no stack trace')
    }),
  )
  const { code, stderr } = await refused(['--host', '203.0.113.1', '--insecure', '--memory'])
  assert.is(code, 1)
  assert.match(stderr, /Cannot listen on 203\.0\.113\.1:0: /)
})

test('every flag has a variable; flags win, and a switch that says no is off', () =>
  withDirectory(async (path) => {
    const port = await freePort()
    const env = {
      MILLRACE_DATA: join(path, 'from-env'),
      MILLRACE_PORT: `${port}`,
      MILLRACE_CLOCK: 'manual',
      MILLRACE_TOKEN: 'secret',
      MILLRACE_LIMITS: 'strict',
      MILLRACE_MEMORY: 'false',
      MILLRACE_LOG_BYTES: '',
    }
    const broker = BrokerProcess.serve(['--limits', 'relaxed'], env)
    assert.is(await broker.url(), `http://127.0.0.1:${port}`)
    await broker.says(/clock +manual +limits +relaxed +access +by token/)
    assert.not(broker.stdout.includes('secret'), 'the token is not printed')
    assert.ok((await readdir(join(path, 'from-env'))).includes('FORMAT'))
    const client = new Http1Client(`http://127.0.0.1:${port}`)
    const headers = { authorization: 'Bearer secret' }
    assert.is((await client.ask('GET', '/v1')).status, 401)
    assert.is((await client.ask('GET', '/v1', { headers })).at('clock'), 'manual')
    client.close()
    await broker.end('SIGTERM')
    const { code, stderr } = await refused(['--memory', '--host', '0.0.0.0'], { MILLRACE_INSECURE: '0' })
    assert.is(code, 2)
    assert.match(stderr, /neither a token nor AWS credentials are set/)
    const open = BrokerProcess.serve(['--host', '0.0.0.0'], { MILLRACE_INSECURE: '1', MILLRACE_MEMORY: 'true' })
    await open.url()
    await open.says(/in memory: gone when this process ends[\s\S]*everyone who reaches it \(--insecure\)/)
    await open.end('SIGTERM')
  }))

test('with a manual clock time stands still until it is told to move, and it still drains', async () => {
  const broker = BrokerProcess.serve(['--memory', '--clock', 'manual'])
  const client = new Http2Client(await broker.url())
  const before = await client.ask('GET', '/v1')
  await client.ask('POST', '/v1/clock/advance', { body: { millis: 12 * 3_600_000 } })
  const after = await client.ask('GET', '/v1')
  assert.is(Number(after.at('now')) - Number(before.at('now')), 12 * 3_600_000)
  await client.ask('PUT', '/v1/streams/s')
  const producer = client.open('/v1/streams/s/append')
  await producer.status
  assert.equal(await broker.end('SIGTERM'), { code: 0, signal: null })
  client.close()
})

test('a broker whose output nobody reads any more lives on', async () => {
  const port = await freePort()
  const broker = BrokerProcess.serve(['--memory', '--port', `${port}`])
  broker.child.stdout?.destroy()
  broker.child.stderr?.destroy()
  const url = `http://127.0.0.1:${port}`
  await until(() => isWell(url), 'it is up')
  const client = new Http2Client(url)
  assert.is((await client.ask('PUT', '/v1/streams/s')).status, 201)
  client.close()
  assert.equal(await broker.end('SIGTERM'), { code: 0, signal: null })
})

test('a promise that nobody waited for is reported and the broker serves on; a thrown fault ends it with 1', async () => {
  const provoke = [
    "process.on('SIGUSR1', () => { Promise.reject(new Error('nobody waits')) })",
    "process.on('SIGUSR2', () => { throw new Error('out of nowhere') })",
  ]
  const broker = BrokerProcess.serve(['--memory'], {
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(provoke.join(';'))}`,
  })
  const url = await broker.url()
  broker.kill('SIGUSR1')
  await broker.says(/millrace: a fault nobody waited for: Error: nobody waits/)
  assert.ok(await isWell(url))
  broker.kill('SIGUSR2')
  assert.equal(await within(broker.exited, 'it ends'), { code: 1, signal: null })
  assert.match(broker.stderr, /millrace: an unexpected fault; what was acknowledged is on disk\. Error: out of nowhere/)
})

test('help and version are on stdout', async () => {
  const help = new BrokerProcess(['serve', '--help'])
  assert.is((await within(help.exited, 'it ends')).code, 0)
  for (const flag of [
    'host',
    'port',
    'data',
    'memory',
    'clock',
    'limits',
    'log-bytes',
    'token',
    'insecure',
    'tls-cert',
    'tls-key',
  ]) {
    assert.match(help.stdout, new RegExp(`--${flag}[ <]`))
    assert.match(
      help.stdout.replaceAll(/\s+/g, ' '),
      new RegExp(`env: MILLRACE_${flag.toUpperCase().replaceAll('-', '_')}\\)`),
    )
  }
  const version = new BrokerProcess(['--version'])
  await within(version.exited, 'it ends')
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
})

test.run()
