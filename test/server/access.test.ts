import * as assert from 'uvu/assert'
import { Grant } from '../../broker/server/access.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { bothVersions, withBroker } from './harness.ts'

const test = suite('access')

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'let in',
    (error: unknown) => (error instanceof MillraceError ? error.code : String(error)),
  )
}

const options = {
  token: 'all',
  grants: {
    reader: ['read:streams/flights', 'read:queues/jobs-*', 'read:topics/news'],
    writer: ['write:streams/*', 'write:queues/jobs-1', 'write:topics/news'],
  },
}

for (const scheme of ['http', 'ws'] as const) {
  test(`a token with grants reads and writes what it names, and nothing else (${scheme})`, () =>
    withBroker(async ({ url }) => {
      const as = (token: string) => connect(url.replace('http', scheme), { token })
      const [all, reader, writer] = await Promise.all([as('all'), as('reader'), as('writer')])
      await all.stream('flights').create()
      await all.stream('other').create()
      await all.queue('jobs-1').create()
      await writer.stream('flights').put({ key: 'k', data: 'x' })
      await writer.queue('jobs-1').send('m')
      const [batch] = [await reader.stream('flights').subscribe().next()]
      assert.is(batch?.count, 1)
      assert.is((await reader.queue('jobs-1').receive().next())?.text(), 'm')
      await all.topic('news').create()
      const listener = await reader.topic('news').subscribe()
      await writer.topic('news').publish('hear')
      assert.is((await listener.next())?.text(), 'hear')
      await listener.close()
      const refused: [string, Promise<unknown>][] = [
        ['to read another stream', reader.stream('other').subscribe().next()],
        ['to read what it writes', writer.stream('flights').subscribe().next()],
        ['to write what it reads', reader.stream('flights').put({ key: 'k', data: 'x' })],
        ['to send to a queue it receives from', reader.queue('jobs-1').send('m')],
        ['to receive from a queue it sends to', writer.queue('jobs-1').receive().next()],
        ['to publish to a topic it listens to', reader.topic('news').publish('m')],
        ['to listen to a topic it publishes to', writer.topic('news').subscribe()],
        ['to create', writer.stream('mine').create()],
        ['to delete', writer.stream('flights').delete()],
        ['to list', reader.streams()],
        ['to move positions', reader.stream('flights').checkpoint('billing', { 0: 1 })],
      ]
      const codes = await Promise.all(refused.map(([, work]) => codeOf(work)))
      for (const [i, [what]] of refused.entries()) assert.is(codes[i], 'forbidden', what)
      await Promise.all([all.close(), reader.close(), writer.close()])
    }, options))
}

test('a rule that is none is refused at the start', () => {
  for (const rules of [[], ['read:flights'], ['delete:streams/x'], ['read:streams/'], ['read:streams/a b']]) {
    assert.throws(
      () => new Grant(rules),
      (error: Error) => error instanceof MillraceError && error.code === 'invalid_field',
    )
  }
})

test('a name in a rule is no pattern but for its stars', () => {
  const grant = new Grant(['read:streams/a.b*'])
  const may = (stream: string) => {
    try {
      return grant.require({ method: 'GET', path: '/v1/streams/{stream}' }, { stream }).read
    } catch {
      // It may not.
      return false
    }
  }
  assert.equal(['a.b', 'a.bc', 'axb', 'xa.b', 'a.b/../c'].map(may), [true, true, false, false, true])
})

bothVersions(test, 'a page of a stranger reads and writes nothing over plain HTTP either', async (client) => {
  const headers = { origin: 'https://evil.example' }
  const refused = await client.ask('PUT', '/v1/streams/s', { headers })
  assert.is(refused.status, 403)
  assert.is(refused.at('code'), 'origin_refused')
  assert.is(refused.headers['access-control-allow-origin'], undefined)
  assert.is((await client.ask('GET', '/v1/streams/s')).status, 404)
  const local = await client.ask('GET', '/v1', { headers: { origin: 'http://localhost:3000' } })
  assert.is(local.status, 200)
  assert.is(local.headers['access-control-allow-origin'], 'http://localhost:3000')
})

test.run()
