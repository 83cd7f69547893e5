import * as assert from 'uvu/assert'
import { connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { withBroker } from './harness.ts'

const test = suite('console files')

test('the console is there with what it needs, for whoever comes, and lets nothing in from elsewhere', () =>
  withBroker(
    async ({ url }) => {
      const index = await fetch(`${url}/console`)
      assert.is(index.url, `${url}/console/`)
      assert.is(index.headers.get('content-type'), 'text/html; charset=utf-8')
      assert.match(index.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/)
      const page = await index.text()
      const files = [...page.matchAll(/(?:href|src)="([\w.-]+\.(?:css|js))"/g)].map(([, name]) => name as string)
      assert.equal(files.sort(), ['console.css', 'console.js'])
      for (const file of [...files]) {
        const text = await (await fetch(`${url}/console/${file}`)).text()
        files.push(...[...text.matchAll(/from '\.\/([\w.-]+)'/g)].map(([, name]) => name as string))
      }
      for (const file of files) {
        const answer = await fetch(`${url}/console/${file}`)
        assert.is(answer.status, 200, file)
        assert.match(
          answer.headers.get('content-type') ?? '',
          file.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
        )
        await answer.arrayBuffer()
      }
    },
    { token: 'what it shows needs one' },
  ))

test('nothing but its files is to be had, whatever the path says', () =>
  withBroker(async ({ url }) => {
    const paths = [
      'nothing.js',
      '../console.ts',
      '..%2fconsole.ts',
      '%2e%2e/console.ts',
      'index.html/',
      'a/index.html',
      'index.HTML',
    ]
    for (const path of paths) {
      const answer = await fetch(`${url}/console/${path}`)
      assert.is(answer.status, 404, path)
      await answer.text()
    }
    const posted = await fetch(`${url}/console/`, { method: 'POST' })
    assert.is(posted.status, 404)
    await posted.text()
  }))

/** `name{labels} value` of the text format. */
function samplesIn(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

test('metrics are the figures of inspect, in the format of Prometheus', () =>
  withBroker(async ({ url }) => {
    const client = await connect(url)
    await client.stream('orders').create({ shards: 2 })
    for (let i = 0; i < 5; i++) await client.stream('orders').put({ key: `k${i}`, data: 'x' })
    await client.stream('orders').checkpoint('billing', { 0: 1 })
    await client.queue('jobs').create()
    await client.queue('jobs').send('a job')
    const answer = await fetch(`${url}/metrics`)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    const samples = samplesIn(text)
    const { streams, log } = await client.inspect()
    for (const { shard, next } of streams[0]?.shards ?? []) {
      assert.is(samples.get(`millrace_stream_records_total{stream="orders",shard="${shard}"}`), next)
    }
    for (const { shard, lag } of streams[0]?.consumers[0]?.shards ?? []) {
      const labels = `{stream="orders",consumer="billing",shard="${shard}"}`
      assert.is(samples.get(`millrace_consumer_lag_records${labels}`), lag)
    }
    assert.is(samples.get('millrace_queue_messages{queue="jobs",state="visible"}'), 1)
    assert.is(samples.get('millrace_log_bytes'), log.bytes)
    for (const [name, value] of samples) {
      assert.ok(Number.isFinite(value), name)
      const family = name.replace(/\{.*/, '')
      assert.ok(text.includes(`# TYPE ${family} `) && text.includes(`# HELP ${family} `), family)
    }
    await client.close()
  }))

test.run()
