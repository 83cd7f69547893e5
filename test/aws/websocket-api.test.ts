import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateRouteResponseCommand,
  CreateStageCommand,
  DeleteApiCommand,
  DeleteAuthorizerCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  GetApiCommand,
  GetApisCommand,
  GetRoutesCommand,
  GetStagesCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-apigatewayv2'
import * as assert from 'uvu/assert'
import { until, within } from '../server/harness.ts'
import { suite } from '../suite.ts'
import { Chatter } from './chatter.ts'
import { type AwsBroker, withBroker } from './harness.ts'
import { clientOptions, refusal } from './lambda-harness.ts'

const test = suite('WebSocket APIs')

interface SocketEvent {
  readonly requestContext: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly queryStringParameters?: Readonly<Record<string, string>>
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>
  readonly body?: string
}

/** What a backend may do: refuse, choose a protocol, answer, fail. */
async function backend({ requestContext, queryStringParameters = {}, body }: SocketEvent): Promise<object> {
  const { routeKey, connectionId } = requestContext
  if (routeKey === 'fail') throw new Error('no')
  if (routeKey === 'who') return { statusCode: 200, body: connectionId }
  if (routeKey !== '$connect') return { statusCode: 200, body: `default ${body}` }
  const { token, protocol } = queryStringParameters
  if (token === 'bad') return { statusCode: 403, body: JSON.stringify({ reason: 'a bad token' }) }
  if (protocol !== undefined) return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': protocol } }
  return { statusCode: 200 }
}
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:backend'
const integrationUri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`

interface Scene extends AwsBroker {
  readonly gateway: ApiGatewayV2Client
  readonly apiId: string
  /** `ws://…/API/STAGE`. */
  readonly address: string
  readonly connections: ApiGatewayManagementApiClient
  /** What the function was told, in order. */
  readonly events: readonly SocketEvent[]
}

/** An API with routes to one function, deployed to the stage `dev`; what `who` and `$default` return is sent back. */
function withApi(body: (scene: Scene) => Promise<void>): Promise<void> {
  return withBroker(async (harness) => {
    const gateway = new ApiGatewayV2Client(clientOptions(harness.url))
    const events: SocketEvent[] = []
    await harness.main.handle('backend', (event) => {
      events.push(event as SocketEvent)
      return backend(event as SocketEvent)
    })
    const api = { Name: 'chat', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' } as const
    const { ApiId = '', ApiEndpoint = '' } = await gateway.send(new CreateApiCommand(api))
    const integration = { ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri: integrationUri } as const
    const { IntegrationId } = await gateway.send(new CreateIntegrationCommand(integration))
    for (const RouteKey of ['$connect', '$disconnect', '$default', 'who', 'fail', 'quiet']) {
      const Target = `integrations/${IntegrationId}`
      const { RouteId } = await gateway.send(new CreateRouteCommand({ ApiId, RouteKey, Target }))
      if (RouteKey !== '$default' && RouteKey !== 'who') continue
      await gateway.send(new CreateRouteResponseCommand({ ApiId, RouteId, RouteResponseKey: '$default' }))
    }
    await gateway.send(new CreateStageCommand({ ApiId, StageName: 'dev' }))
    await gateway.send(new CreateDeploymentCommand({ ApiId, StageName: 'dev' }))
    const connections = new ApiGatewayManagementApiClient({
      ...clientOptions(harness.url),
      endpoint: `${harness.url}/${ApiId}/dev`,
    })
    try {
      await body({ ...harness, gateway, apiId: ApiId, address: `${ApiEndpoint}/dev`, connections, events })
    } finally {
      gateway.destroy()
      connections.destroy()
    }
  })
}

test('a client connects, is routed by what it says, is answered, and goes: the function hears of each', () =>
  withApi(async ({ address, apiId, url, events }) => {
    const chatter = await new Chatter(`${address}?room=1&room=2`, [], { headers: { 'X-From': 'test' } }).open()
    const say = (message: unknown) => chatter.socket.send(JSON.stringify(message))
    say({ action: 'who' })
    const [id = ''] = await chatter.hears(1)
    assert.match(id, /^[A-Za-z0-9_-]{15}=$/)
    say({ action: 'nowhere' })
    chatter.socket.send('no json')
    await chatter.hears(3)
    assert.equal(chatter.heard.slice(1).sort(), ['default no json', `default ${JSON.stringify({ action: 'nowhere' })}`])
    say({ action: 'fail' })
    const [, , , failure = ''] = await chatter.hears(4)
    assert.match(failure, /^{"message":"Internal server error","connectionId":".*","requestId":".*"}$/)
    say({ action: '$connect' })
    assert.match((await chatter.hears(5))[4] ?? '', /^default/, 'a message cannot name what it is not')
    chatter.socket.close(4321, 'enough')
    await until(() => events.length === 7, 'the function heard of the end')
    const [first, last] = [events[0], events.at(-1)]
    assert.is(first?.requestContext['eventType'], 'CONNECT')
    assert.is(first?.headers?.['X-From'], 'test')
    assert.equal(first?.queryStringParameters, { room: '2' })
    assert.equal(first?.multiValueQueryStringParameters, { room: ['1', '2'] })
    assert.is(last?.requestContext['eventType'], 'DISCONNECT')
    assert.is(last?.requestContext['disconnectStatusCode'], 4321)
    assert.is(last?.requestContext['disconnectReason'], 'enough')
    for (const { requestContext } of events) {
      assert.is(requestContext['connectionId'], id)
      assert.is(requestContext['apiId'], apiId)
      assert.is(requestContext['stage'], 'dev')
      assert.is(requestContext['domainName'], new URL(url).host)
      assert.match(String(requestContext['requestTime']), /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/)
    }
  }))

test('who may not connect is answered with what the function says, and was never connected', () =>
  withApi(async ({ address, main, events }) => {
    const chatter = new Chatter(`${address}?token=bad`)
    await within(chatter.closed, 'refused')
    assert.equal(chatter.refusal, { status: 403, body: '{"reason":"a bad token"}' })
    assert.is(main.broker.socketConnections.list().length, 0)
    assert.is(events.length, 1, 'of its end nothing is said')
  }))

test('an authorizer keeps out who has no identity or no right, and says who the others are, from then on', () =>
  withApi(async ({ address, gateway, apiId: ApiId, main, events }) => {
    const asked: { type: string; methodArn: string }[] = []
    await main.handle('guard', (event) => {
      const { type, methodArn, queryStringParameters } = event as SocketEvent & { type: string; methodArn: string }
      asked.push({ type, methodArn })
      const { token } = queryStringParameters ?? {}
      if (token === 'broken') return { principalId: 'x' }
      const Statement = [
        { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' },
        {
          Effect: token === 'good' ? 'Allow' : 'Deny',
          Action: 'execute-api:*',
          Resource: methodArn.replace(/[^/]*$/, '*'),
        },
      ]
      return { principalId: 'ann', policyDocument: { Statement }, context: { level: 7, staff: true, none: null } }
    })
    const authorizer = { ApiId, Name: 'guard', AuthorizerType: 'REQUEST' as const }
    const { AuthorizerId } = await gateway.send(
      new CreateAuthorizerCommand({
        ...authorizer,
        AuthorizerUri: integrationUri.replace('backend', 'guard'),
        IdentitySource: ['route.request.querystring.token'],
      }),
    )
    const { Items = [] } = await gateway.send(new GetRoutesCommand({ ApiId }))
    const RouteId = Items.find(({ RouteKey }) => RouteKey === '$connect')?.RouteId
    const guarded = { ApiId, RouteId, AuthorizationType: 'CUSTOM' as const, AuthorizerId }
    assert.is((await gateway.send(new UpdateRouteCommand(guarded))).AuthorizationType, 'CUSTOM')
    await gateway.send(new CreateDeploymentCommand({ ApiId, StageName: 'dev' }))
    const statuses: [string, number][] = [
      ['', 401],
      ['?token=', 401],
      ['?token=wrong', 403],
      ['?token=broken', 500],
    ]
    for (const [query, status] of statuses) {
      const stranger = new Chatter(`${address}${query}`)
      await within(stranger.closed, 'refused')
      assert.is(stranger.refusal?.status, status, query)
    }
    assert.equal(asked.length, 2)
    assert.is(events.length, 0, 'whom the authorizer keeps out, the function does not hear of')
    const chatter = await new Chatter(`${address}?token=good`).open()
    chatter.socket.send(JSON.stringify({ action: 'who' }))
    await chatter.hears(1)
    chatter.socket.close()
    await until(() => events.length === 3, 'the function heard of the end')
    for (const { requestContext } of events) {
      assert.equal(requestContext['authorizer'], { principalId: 'ann', level: '7', staff: 'true' })
    }
    assert.is(asked[0]?.type, 'REQUEST')
    assert.is(asked[0]?.methodArn, `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/dev/$connect`)
    const refused = [
      gateway.send(new DeleteAuthorizerCommand({ ApiId, AuthorizerId })),
      gateway.send(new CreateRouteCommand({ ApiId, RouteKey: 'x', AuthorizationType: 'CUSTOM', AuthorizerId })),
      gateway.send(new CreateRouteCommand({ ApiId, RouteKey: 'x', AuthorizationType: 'CUSTOM' })),
      gateway.send(new CreateAuthorizerCommand({ ...authorizer, AuthorizerUri: 'arn:nothing', IdentitySource: [] })),
    ]
    for (const text of await Promise.all(refused.map(refusal))) assert.match(text, /^BadRequestException/)
  }))

test('the subprotocol is the one that the function chose', () =>
  withApi(async ({ address }) => {
    const chatter = await new Chatter(`${address}?protocol=soap`, ['json', 'soap']).open()
    assert.is(chatter.socket.protocol, 'soap')
    chatter.socket.close()
  }))

test('without a response its answer stays with the function; what is binary, or too large, ends the connection', () =>
  withApi(async ({ address, events }) => {
    const chatter = await new Chatter(address).open()
    chatter.socket.send(JSON.stringify({ action: 'quiet' }))
    await until(() => events.length === 2, 'it came')
    chatter.socket.send(Buffer.from([1]))
    assert.equal(await within(chatter.closed, 'closed'), { code: 1003, reason: 'Binary is not supported' })
    assert.equal(chatter.heard, [])
    const other = await new Chatter(address).open()
    other.socket.send('x'.repeat(128 * 1024 + 1))
    assert.is((await within(other.closed, 'closed')).code, 1009)
  }))

test('a backend posts to a connection, looks at it, and ends it; then it is gone', () =>
  withApi(async ({ address, url, connections }) => {
    const chatter = await new Chatter(address, [], { headers: { 'user-agent': 'chatter' } }).open()
    chatter.socket.send(JSON.stringify({ action: 'who' }))
    const [ConnectionId = ''] = await chatter.hears(1)
    const post = (Data: string | Uint8Array) => connections.send(new PostToConnectionCommand({ ConnectionId, Data }))
    await post('first')
    await post(Uint8Array.of(0xff))
    await post('x'.repeat(128 * 1024))
    assert.equal((await chatter.hears(4)).slice(1, 3), ['first', '\ufffd'])
    assert.is(chatter.heard[3]?.length, 128 * 1024)
    assert.match(await refusal(post('x'.repeat(128 * 1024 + 1))), /413|UnknownError|Unknown/)
    const seen = await connections.send(new GetConnectionCommand({ ConnectionId }))
    assert.instance(seen.ConnectedAt, Date)
    assert.is(seen.Identity?.UserAgent, 'chatter')
    const byStage = new ApiGatewayManagementApiClient({ ...clientOptions(url), endpoint: `${url}/dev` })
    await byStage.send(new PostToConnectionCommand({ ConnectionId, Data: 'without the id of the API' }))
    await chatter.hears(5)
    const elsewhere = new ApiGatewayManagementApiClient({ ...clientOptions(url), endpoint: `${url}/prod` })
    const there = new PostToConnectionCommand({ ConnectionId, Data: 'x' })
    assert.match(await refusal(elsewhere.send(there)), /^ForbiddenException/)
    await connections.send(new DeleteConnectionCommand({ ConnectionId }))
    assert.equal(await within(chatter.closed, 'closed'), { code: 1000, reason: 'Connection Closed Normally' })
    assert.match(await refusal(post('late')), /^GoneException/)
    assert.match(
      await refusal(connections.send(new GetConnectionCommand({ ConnectionId: '!' }))),
      /^BadRequestException/,
    )
    byStage.destroy()
    elsewhere.destroy()
  }))

test('what was not deployed is not in force; a stage that deploys by itself has it at once', () =>
  withApi(async ({ address, gateway, apiId }) => {
    const chatter = await new Chatter(address).open()
    const { Items = [] } = await gateway.send(new GetRoutesCommand({ ApiId: apiId }))
    const route = Items.find(({ RouteKey }) => RouteKey === '$default')
    await gateway.send(new DeleteRouteCommand({ ApiId: apiId, RouteId: route?.RouteId }))
    chatter.socket.send('before')
    assert.equal(await chatter.hears(1), ['default before'])
    await gateway.send(new UpdateStageCommand({ ApiId: apiId, StageName: 'dev', AutoDeploy: true }))
    chatter.socket.send('after')
    assert.match((await chatter.hears(2))[1] ?? '', /^{"message":"Forbidden","connectionId":/)
    await gateway.send(new DeleteApiCommand({ ApiId: apiId }))
    const late = new Chatter(address)
    await within(late.closed, 'refused')
    assert.is(late.refusal?.status, 404)
    chatter.socket.close()
  }))

test('APIs, routes, integrations and stages are made, shown, changed, and refused where they are wrong', () =>
  withApi(async ({ gateway, apiId: ApiId }) => {
    const { Items: apis = [] } = await gateway.send(new GetApisCommand({}))
    assert.equal(
      apis.map(({ Name }) => Name),
      ['chat'],
    )
    assert.is((await gateway.send(new GetApiCommand({ ApiId }))).ProtocolType, 'WEBSOCKET')
    const { Items: stages = [] } = await gateway.send(new GetStagesCommand({ ApiId }))
    assert.instance(stages[0]?.CreatedDate, Date)
    assert.ok(stages[0]?.DeploymentId)
    const { Items: routes = [] } = await gateway.send(new GetRoutesCommand({ ApiId }))
    const route = routes.find(({ RouteKey }) => RouteKey === 'quiet')
    const changed = await gateway.send(new UpdateRouteCommand({ ApiId, RouteId: route?.RouteId, RouteKey: 'loud' }))
    assert.is(changed.RouteKey, 'loud')
    assert.is(changed.Target, route?.Target)
    const IntegrationId = route?.Target?.replace('integrations/', '')
    const refused: [Promise<unknown>, RegExp][] = [
      [gateway.send(new GetApiCommand({ ApiId: 'none' })), /^NotFoundException/],
      [gateway.send(new CreateRouteCommand({ ApiId, RouteKey: 'who' })), /^ConflictException/],
      [
        gateway.send(new CreateRouteCommand({ ApiId, RouteKey: 'x', Target: 'integrations/none' })),
        /^BadRequestException/,
      ],
      [
        gateway.send(new CreateRouteCommand({ ApiId, RouteKey: 'x', AuthorizationType: 'JWT' })),
        /^BadRequestException/,
      ],
      [gateway.send(new CreateIntegrationCommand({ ApiId, IntegrationType: 'HTTP_PROXY' })), /^BadRequestException/],
      [gateway.send(new CreateIntegrationCommand({ ApiId, IntegrationType: 'AWS_PROXY' })), /^BadRequestException/],
      [gateway.send(new DeleteIntegrationCommand({ ApiId, IntegrationId })), /^BadRequestException/],
      [gateway.send(new CreateStageCommand({ ApiId, StageName: 'dev' })), /^ConflictException/],
      [gateway.send(new CreateStageCommand({ ApiId, StageName: 'x', DeploymentId: 'none' })), /^BadRequestException/],
      [gateway.send(new CreateApiCommand({ Name: 'x', ProtocolType: 'HTTP' })), /^BadRequestException/],
      [gateway.send(new CreateApiCommand({ Name: 'x', ProtocolType: 'WEBSOCKET' })), /^BadRequestException/],
    ]
    const texts = await Promise.all(refused.map(([work]) => refusal(work)))
    for (const [i, [, expected]] of refused.entries()) assert.match(texts[i] ?? '', expected)
  }))

test.run()
