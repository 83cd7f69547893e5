import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as sdk from '@aws-sdk/client-eventbridge'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { type EventsHarness, order, put, queueArn, rule, taken, until, withEvents } from './events-harness.ts'
import { refusal } from './lambda-harness.ts'

const test = suite('API destinations by the AWS SDK')

interface Call {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Endpoint {
  readonly url: string
  readonly calls: Call[]
  /** The status and body of the next answers; 200 when there are none. */
  readonly answers: (readonly [number, string])[]
}

/** Runs `body` with a broker and an endpoint that remembers who called. */
function withEndpoint(
  body: (harness: EventsHarness & { readonly endpoint: Endpoint }) => Promise<void>,
): Promise<void> {
  return withEvents(async (harness) => {
    const calls: Call[] = []
    const answers: (readonly [number, string])[] = []
    const server = createServer(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      calls.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: text })
      const [status, answer] = answers.shift() ?? [200, '']
      response.writeHead(status).end(answer)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      await body({ ...harness, endpoint: { url: `http://127.0.0.1:${port}`, calls, answers } })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
}

async function destination(
  { events, endpoint }: Pick<EventsHarness, 'events'> & { readonly endpoint: Endpoint },
  AuthorizationType: sdk.ConnectionAuthorizationType,
  AuthParameters: sdk.CreateConnectionAuthRequestParameters,
  path = '/hook',
): Promise<string> {
  const { ConnectionArn } = await events.send(
    new sdk.CreateConnectionCommand({ Name: 'c', AuthorizationType, AuthParameters }),
  )
  const made = await events.send(
    new sdk.CreateApiDestinationCommand({
      ...{ Name: 'd', ConnectionArn, InvocationEndpoint: `${endpoint.url}${path}`, HttpMethod: 'PUT' },
      InvocationRateLimitPerSecond: 100,
    }),
  )
  assert.is(made.ApiDestinationState, 'ACTIVE')
  return made.ApiDestinationArn ?? ''
}

test('a call has what its connection and its target say, and the path values in the place of the stars', () =>
  withEndpoint(async (harness) => {
    const { events, endpoint } = harness
    const Arn = await destination(
      harness,
      'BASIC',
      {
        BasicAuthParameters: { Username: 'me', Password: 'secret' },
        InvocationHttpParameters: {
          HeaderParameters: [{ Key: 'X-Own', Value: 'v', IsValueSecret: true }],
          QueryStringParameters: [{ Key: 'k', Value: 'w' }],
          BodyParameters: [{ Key: 'extra', Value: 'e' }],
        },
      },
      '/orders/*/lines/*',
    )
    const HttpParameters = {
      PathParameterValues: ['$.detail.id', 'all'],
      HeaderParameters: { 'X-Total': '$.detail.total' },
      QueryStringParameters: { q: '$.source' },
    }
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 't', Arn, HttpParameters, InputPath: '$.detail' }])
    await put(events, order({ id: 'a/b', total: 5 }))
    await until(() => endpoint.calls.length === 1)
    const [call] = endpoint.calls
    assert.equal([call?.method, call?.url], ['PUT', '/orders/a%2Fb/lines/all?q=shop&k=w'])
    assert.equal(JSON.parse(call?.body ?? ''), { id: 'a/b', total: 5, extra: 'e' })
    const { headers } = call as Call
    assert.is(headers.authorization, `Basic ${Buffer.from('me:secret').toString('base64')}`)
    assert.equal([headers['x-own'], headers['x-total'], headers['content-type']], ['v', '5', 'application/json'])
  }))

test('a token is fetched once, and again when it is refused', () =>
  withEndpoint(async (harness) => {
    const { events, endpoint } = harness
    const Arn = await destination(harness, 'OAUTH_CLIENT_CREDENTIALS', {
      OAuthParameters: {
        ClientParameters: { ClientID: 'id', ClientSecret: 'secret' },
        AuthorizationEndpoint: `${endpoint.url}/token`,
        HttpMethod: 'POST',
        OAuthHttpParameters: { BodyParameters: [{ Key: 'scope', Value: 'all' }] },
      },
    })
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 't', Arn }])
    const token = (name: string) =>
      [200, JSON.stringify({ access_token: name, token_type: 'bearer', expires_in: 60 })] as const
    endpoint.answers.push(token('one'))
    await put(events, order({ n: 1 }))
    await until(() => endpoint.calls.length === 2)
    await put(events, order({ n: 2 }))
    await until(() => endpoint.calls.length === 3)
    assert.is(
      new URLSearchParams(endpoint.calls[0]?.body).toString(),
      'grant_type=client_credentials&client_id=id&client_secret=secret&scope=all',
    )
    assert.equal(
      endpoint.calls.slice(1).map(({ headers }) => headers.authorization),
      ['Bearer one', 'Bearer one'],
    )
    endpoint.answers.push([401, ''], token('two'))
    await put(events, order({ n: 3 }))
    await until(() => endpoint.calls.length === 6)
    assert.is(endpoint.calls[5]?.headers.authorization, 'Bearer two')
  }))

test('what the endpoint refuses for good goes to the dead-letter queue at once', () =>
  withEndpoint(async (harness) => {
    const { events, endpoint, main } = harness
    await main.broker.queues.create('dead')
    const Arn = await destination(harness, 'API_KEY', {
      ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'k' },
    })
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 't', Arn, DeadLetterConfig: { Arn: queueArn('dead') } }])
    endpoint.answers.push([400, 'no'])
    const [id] = await put(events, order({}))
    let letters: string[] = []
    await until(async () => {
      letters = await taken(main, 'dead')
      return letters.length > 0
    })
    assert.is(JSON.parse(letters[0] ?? '').id, id)
    assert.is(endpoint.calls[0]?.headers['x-key'], 'k')
  }))

test('secrets are never answered, and an update keeps what it leaves out', () =>
  withEndpoint(async (harness) => {
    const { events, endpoint } = harness
    const Arn = await destination(harness, 'API_KEY', {
      ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'very-secret' },
      InvocationHttpParameters: { HeaderParameters: [{ Key: 'a', Value: 'very-secret', IsValueSecret: true }] },
    })
    const answers = await Promise.all([
      events.send(new sdk.DescribeConnectionCommand({ Name: 'c' })),
      events.send(new sdk.ListConnectionsCommand({})),
      events.send(new sdk.DescribeApiDestinationCommand({ Name: 'd' })),
      events.send(new sdk.ListApiDestinationsCommand({})),
      events.send(new sdk.UpdateConnectionCommand({ Name: 'c', Description: 'x' })),
    ])
    assert.not.match(JSON.stringify(answers), 'very-secret')
    assert.equal(answers[0].AuthParameters?.ApiKeyAuthParameters, { ApiKeyName: 'X-Key' })
    assert.equal([answers[2].InvocationRateLimitPerSecond, answers[2].HttpMethod], [100, 'PUT'])
    await events.send(
      new sdk.UpdateApiDestinationCommand({ Name: 'd', HttpMethod: 'POST', InvocationEndpoint: `${endpoint.url}/new` }),
    )
    await rule(events, 'r', { source: ['shop'] }, [{ Id: 't', Arn }])
    await put(events, order({}))
    await until(() => endpoint.calls.length === 1)
    const [call] = endpoint.calls
    assert.equal([call?.method, call?.url, call?.headers['x-key']], ['POST', '/new', 'very-secret'])
    await events.send(new sdk.DeauthorizeConnectionCommand({ Name: 'c' }))
    assert.is((await events.send(new sdk.DescribeApiDestinationCommand({ Name: 'd' }))).ApiDestinationState, 'INACTIVE')
    await events.send(new sdk.DeleteApiDestinationCommand({ Name: 'd' }))
    await events.send(new sdk.DeleteConnectionCommand({ Name: 'c' }))
    assert.match(
      await refusal(events.send(new sdk.DescribeConnectionCommand({ Name: 'c' }))),
      /^ResourceNotFoundException: Failed to describe the connection\(s\)\. Connection 'c' does not exist\./,
    )
    assert.match(
      await refusal(
        events.send(new sdk.CreateConnectionCommand({ Name: 'x', AuthorizationType: 'BASIC', AuthParameters: {} })),
      ),
      /^ValidationException: Parameter AuthParameters is not valid/,
    )
  }))

test.run()
