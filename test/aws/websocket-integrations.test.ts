import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  type CreateIntegrationCommandInput,
  CreateIntegrationResponseCommand,
  CreateModelCommand,
  CreateRouteCommand,
  CreateRouteResponseCommand,
  CreateStageCommand,
  DeleteIntegrationResponseCommand,
  GetApiCommand,
  GetIntegrationCommand,
  GetIntegrationResponsesCommand,
  GetModelCommand,
  GetTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateModelCommand,
} from '@aws-sdk/client-apigatewayv2'
import * as assert from 'uvu/assert'
import { type Client, connect } from '../../client/index.ts'
import { until, within } from '../server/harness.ts'
import { suite } from '../suite.ts'
import { Chatter } from './chatter.ts'
import { type AwsBroker, withBroker } from './harness.ts'
import { clientOptions, refusal } from './lambda-harness.ts'

const test = suite('WebSocket APIs: integrations')

type Integration = Omit<CreateIntegrationCommandInput, 'ApiId'>

interface Scene extends AwsBroker {
  readonly gateway: ApiGatewayV2Client
  readonly client: Client
  readonly apiId: string
  readonly address: string
  /** Leads a route to an integration, whose answers are sent back. */
  route(key: string, integration: Integration): Promise<string>
}

/** An API with a stage that has whatever is changed at once. */
function withApi(body: (scene: Scene) => Promise<void>): Promise<void> {
  return withBroker(async (harness) => {
    const gateway = new ApiGatewayV2Client(clientOptions(harness.url))
    const client = await connect(harness.url)
    const api = { Name: 'feed', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' } as const
    const { ApiId = '', ApiEndpoint = '' } = await gateway.send(new CreateApiCommand(api))
    await gateway.send(
      new CreateStageCommand({ ApiId, StageName: 'live', AutoDeploy: true, StageVariables: { room: 'red' } }),
    )
    const route = async (RouteKey: string, integration: Integration) => {
      const { IntegrationId = '' } = await gateway.send(new CreateIntegrationCommand({ ApiId, ...integration }))
      const Target = `integrations/${IntegrationId}`
      const { RouteId } = await gateway.send(new CreateRouteCommand({ ApiId, RouteKey, Target }))
      await gateway.send(new CreateRouteResponseCommand({ ApiId, RouteId, RouteResponseKey: '$default' }))
      return IntegrationId
    }
    try {
      await body({ ...harness, gateway, client, apiId: ApiId, address: `${ApiEndpoint}/live`, route })
      assert.equal(harness.faults, [])
    } finally {
      gateway.destroy()
      await client.close()
    }
  })
}

/** An integration with an operation of a service. */
function serviceOf(what: string, template?: string): Integration {
  const uri = {
    IntegrationType: 'AWS',
    IntegrationMethod: 'POST',
    IntegrationUri: `arn:aws:apigateway:us-east-1:${what}`,
  } as const
  return template === undefined ? uri : { ...uri, RequestTemplates: { $default: template } }
}

/** An endpoint, and what it was asked. */
async function withEndpoint(
  run: (
    url: string,
    asked: readonly {
      readonly url?: string | undefined
      readonly headers: IncomingMessage['headers']
      readonly body: string
    }[],
  ) => Promise<void>,
): Promise<void> {
  const asked: { url?: string | undefined; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      asked.push({ url: request.url, headers: request.headers, body })
      const refused = request.url?.includes('refused') === true
      const moved = request.url?.includes('moved') === true
      response.writeHead(refused ? 401 : moved ? 302 : 200).end(refused ? 'no' : `got ${body}`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const account = '000000000000'
const say = (chatter: Chatter, message: unknown) => chatter.socket.send(JSON.stringify(message))

test('a message becomes a record, a queue message, a publication and an event, and the answer comes back', () =>
  withApi(async ({ address, client, route }) => {
    await client.stream('clicks').create()
    await client.queue('jobs').create()
    await client.topic('news').create()
    await client.queue('copies').create()
    const path = '/v1/topics/news/subscriptions/copies'
    await client.endpoint.call({ method: 'PUT', path, body: { target: { queue: 'copies' }, raw: true } })
    const events = client.bus().subscribe({ pattern: { source: ['browser'] } })
    await route(
      'click',
      serviceOf(
        'kinesis:action/PutRecord',
        '{"StreamName": "clicks", "PartitionKey": "$context.connectionId", "Data": "$util.base64Encode($input.body)"}',
      ),
    )
    await route('job', {
      ...serviceOf(`sqs:path/${account}/jobs`, "Action=SendMessage&MessageBody=$util.urlEncode($input.json('$.job'))"),
      RequestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
    })
    await route(
      'news',
      serviceOf(
        'sns:action/Publish',
        `TopicArn=arn:aws:sns:us-east-1:${account}:news&Message=$util.urlEncode($input.path('$.text'))+in+$stageVariables.room`,
      ),
    )
    await route(
      'event',
      serviceOf(
        'events:action/PutEvents',
        `{"Entries": [{"Source": "browser", "DetailType": "said", "Detail": "$util.escapeJavaScript($input.body).replaceAll("\\\\'","'")"}]}`,
      ),
    )
    const chatter = await new Chatter(address).open()
    say(chatter, { action: 'click', at: 7 })
    assert.match((await chatter.hears(1))[0] ?? '', /"SequenceNumber"/)
    say(chatter, { action: 'job', job: { kind: 'a & b' } })
    assert.match((await chatter.hears(2))[1] ?? '', /<MessageId>/)
    say(chatter, { action: 'news', text: 'all = well' })
    assert.match((await chatter.hears(3))[2] ?? '', /<PublishResponse/)
    say(chatter, { action: 'event', text: 'it\'s "so"' })
    assert.match((await chatter.hears(4))[3] ?? '', /"FailedEntryCount":0/)
    const { records } = await client.stream('clicks').read({ shard: 0 })
    assert.equal(
      records.map((record) => JSON.parse(record.text())),
      [{ action: 'click', at: 7 }],
    )
    assert.match(records[0]?.key ?? '', /^[A-Za-z0-9_-]{15}=$/)
    const texts = async (queue: string) =>
      (await client.queue(queue).peek()).messages.map(({ data }) => Buffer.from(data).toString())
    assert.equal(await texts('jobs'), ['{"kind":"a & b"}'])
    assert.equal(await texts('copies'), ['all = well in red'])
    for await (const { event } of events) {
      assert.equal(event.detail, { action: 'event', text: 'it\'s "so"' })
      break
    }
    chatter.socket.close()
  }))

test('what a service refuses is a failure of the message, and of a connection its status', () =>
  withApi(async ({ address, route, client }) => {
    await route(
      'click',
      serviceOf('kinesis:action/PutRecord', '{"StreamName": "none", "PartitionKey": "k", "Data": ""}'),
    )
    await route('odd', serviceOf('kinesis:action/PutRecord', '{"Data": "$util.parseJson($input.body).x"'))
    await route('many', serviceOf('kinesis:action/SubscribeToShard', '{"ConsumerARN": "x"}'))
    const chatter = await new Chatter(address).open()
    for (const action of ['click', 'odd', 'many']) say(chatter, { action })
    const heard = await chatter.hears(3)
    assert.ok(
      heard.every((each) => /"message":"Internal server error"/.test(each)),
      heard.join('\n'),
    )
    chatter.socket.close()
    await route(
      '$connect',
      serviceOf(`sqs:path/${account}/visits`, "Action=SendMessage&MessageBody=$input.params('room')"),
    )
    const stranger = new Chatter(address)
    await within(stranger.closed, 'refused')
    assert.is(stranger.refusal?.status, 400)
    await client.queue('visits').create()
    const visitor = await new Chatter(`${address}?room=blue`).open()
    const { messages } = await client.queue('visits').peek()
    assert.equal(
      messages.map(({ data }) => Buffer.from(data).toString()),
      ['blue'],
    )
    visitor.socket.close()
  }))

test('an endpoint gets the message, with what parameters say, and its answer goes back', () =>
  withEndpoint((url, asked) =>
    withApi(async ({ address, route }) => {
      await route('say', {
        IntegrationType: 'HTTP_PROXY',
        IntegrationMethod: 'PUT',
        IntegrationUri: `${url}/rooms/{room}`,
        RequestParameters: {
          'integration.request.header.x-connection': 'context.connectionId',
          'integration.request.path.room': 'stageVariables.room',
          'integration.request.querystring.what': 'route.request.body.text',
        },
      })
      await route('shape', {
        IntegrationType: 'HTTP',
        IntegrationUri: `${url}/shaped`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: API Gateway's own expressions look like templates
        TemplateSelectionExpression: '${request.body.kind}',
        RequestTemplates: { short: "$input.path('$.text')", $default: '{"whole": $input.body}' },
      })
      await route('$connect', { IntegrationType: 'HTTP_PROXY', IntegrationUri: `${url}/\${stageVariables.room}/hello` })
      await route('$disconnect', { IntegrationType: 'HTTP_PROXY', IntegrationUri: `${url}/refused` })
      const chatter = await new Chatter(address).open()
      const message = { action: 'say', text: 'a b' }
      say(chatter, message)
      assert.equal(await chatter.hears(1), [`got ${JSON.stringify(message)}`])
      say(chatter, { action: 'shape', kind: 'short', text: 'cut' })
      assert.is((await chatter.hears(2))[1], 'got cut')
      say(chatter, { action: 'shape', kind: 'other' })
      assert.is((await chatter.hears(3))[2], 'got {"whole": {"action":"shape","kind":"other"}}')
      chatter.socket.close()
      await until(() => asked.length === 5, 'the endpoint heard of the end')
      const [hello, said] = asked
      assert.is(hello?.url, '/red/hello')
      assert.is(said?.url, '/rooms/red?what=a+b')
      assert.match(String(said?.headers['x-connection']), /^[A-Za-z0-9_-]{15}=$/)
    }),
  ))

test('an endpoint that refuses keeps a client out by its status, and tells nobody where it is', () =>
  withEndpoint((url) =>
    withApi(async ({ address, route }) => {
      await route('say', { IntegrationType: 'HTTP_PROXY', IntegrationUri: `${url}/moved` })
      const chatter = await new Chatter(address).open()
      say(chatter, { action: 'say' })
      assert.match((await chatter.hears(1))[0] ?? '', /^{"message":"Internal server error"/)
      chatter.socket.close()
      await route('$connect', { IntegrationType: 'HTTP_PROXY', IntegrationUri: `${url}/refused` })
      const stranger = new Chatter(address)
      await within(stranger.closed, 'refused')
      assert.equal(stranger.refusal, { status: 401, body: '' })
    }),
  ))

test('a function that is no proxy gets what the template says, and its answer goes back whole', () =>
  withApi(async ({ address, main, route }) => {
    await main.handle('double', (event) => ({ twice: (event as { number: number }).number * 2 }))
    const arn = `arn:aws:lambda:us-east-1:${account}:function:double`
    await route(
      'double',
      serviceOf(`lambda:path/2015-03-31/functions/${arn}/invocations`, '{"number": $input.path(\'$.n\')}'),
    )
    const chatter = await new Chatter(address).open()
    say(chatter, { action: 'double', n: 21 })
    assert.equal(await chatter.hears(1), ['{"twice":42}'])
    say(chatter, { action: 'double' })
    assert.match((await chatter.hears(2))[1] ?? '', 'Internal server error', 'what the template makes is no JSON')
    await main.handle('double', () => 'just words')
    say(chatter, { action: 'double', n: 1 })
    assert.is((await chatter.hears(3))[2], '"just words"')
    chatter.socket.close()
  }))

test('what is sent back of an answer is what the response template of its status says, or that of all', () =>
  withApi(async ({ address, gateway, apiId: ApiId, client, route }) => {
    await client.stream('clicks').create()
    const put = '{"StreamName": "clicks", "PartitionKey": "k", "Data": "$util.base64Encode($input.body)"}'
    const IntegrationId = await route('click', serviceOf('kinesis:action/PutRecord', put))
    const respond = (IntegrationResponseKey: string, $default: string) =>
      gateway.send(
        new CreateIntegrationResponseCommand({
          ...{ ApiId, IntegrationId, IntegrationResponseKey, ResponseTemplates: { $default } },
        }),
      )
    const { IntegrationResponseId } = await respond('$default', "all $input.path('$.ShardId') of $context.stage")
    const chatter = await new Chatter(address).open()
    say(chatter, { action: 'click' })
    assert.equal(await chatter.hears(1), ['all shardId-000000000000 of live'])
    await respond('/2\\d\\d/', 'good')
    say(chatter, { action: 'click' })
    assert.is((await chatter.hears(2))[1], 'good')
    assert.match(await refusal(respond('/2../', '')), /^BadRequestException/)
    assert.match(await refusal(respond('$default', '')), /^ConflictException/)
    assert.match(await refusal(respond('/404/', '#if(1)')), /^BadRequestException/)
    const all = await gateway.send(new GetIntegrationResponsesCommand({ ApiId, IntegrationId }))
    assert.equal(all.Items?.map((each) => each.IntegrationResponseKey).sort(), ['$default', '/2\\d\\d/'])
    await gateway.send(new DeleteIntegrationResponseCommand({ ApiId, IntegrationId, IntegrationResponseId }))
    chatter.socket.close()
  }))

test('a mock answers by its templates alone', () =>
  withApi(async ({ address, gateway, apiId: ApiId, route }) => {
    const IntegrationId = await route('ping', { IntegrationType: 'MOCK' })
    const ResponseTemplates = { $default: '{"pong": "$context.connectionId"}' }
    const response = { ApiId, IntegrationId, IntegrationResponseKey: '$default', ResponseTemplates }
    await gateway.send(new CreateIntegrationResponseCommand(response))
    const chatter = await new Chatter(address).open()
    say(chatter, { action: 'ping' })
    assert.match((await chatter.hears(1))[0] ?? '', /^{"pong": "[A-Za-z0-9_-]{15}="}$/)
    chatter.socket.close()
    const wanted = `{"statusCode": $input.params('status')}`
    await route('$connect', { IntegrationType: 'MOCK', RequestTemplates: { $default: wanted } })
    const stranger = new Chatter(`${address}?status=402`)
    await within(stranger.closed, 'refused')
    assert.is(stranger.refusal?.status, 402)
    const visitor = await new Chatter(`${address}?status=200`).open()
    visitor.socket.close()
  }))

test('models and tags are kept and told again', () =>
  withApi(async ({ gateway, apiId: ApiId }) => {
    const model = { ApiId, Name: 'click', Schema: '{"type": "object"}' }
    const { ModelId } = await gateway.send(new CreateModelCommand(model))
    await gateway.send(new UpdateModelCommand({ ApiId, ModelId, Description: 'a click' }))
    const kept = await gateway.send(new GetModelCommand({ ApiId, ModelId }))
    assert.equal(
      [kept.Name, kept.Schema, kept.ContentType, kept.Description],
      [...['click', '{"type": "object"}', 'application/json', 'a click']],
    )
    assert.match(await refusal(gateway.send(new CreateModelCommand(model))), /^ConflictException/)
    const none = new CreateModelCommand({ ...model, Name: 'x', Schema: '{' })
    assert.match(await refusal(gateway.send(none)), /^BadRequestException/)
    const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`
    await gateway.send(new TagResourceCommand({ ResourceArn, Tags: { team: 'web', env: 'test' } }))
    await gateway.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['env'] }))
    assert.equal((await gateway.send(new GetTagsCommand({ ResourceArn }))).Tags, { team: 'web' })
    assert.equal((await gateway.send(new GetApiCommand({ ApiId }))).Tags, { team: 'web' })
  }))

test('integrations that lead nowhere, and templates that are none, are refused where they are made', () =>
  withApi(async ({ gateway, apiId: ApiId, route }) => {
    const wrong: [Integration, RegExp][] = [
      [serviceOf('dynamodb:action/PutItem', '{}'), /kinesis, sqs, sns or events/],
      [
        { IntegrationType: 'AWS_PROXY', IntegrationUri: 'arn:aws:apigateway:us-east-1:sqs:path/1/q' },
        /that of a function/,
      ],
      [{ IntegrationType: 'HTTP', IntegrationUri: 'ftp://x' }, /an http or https URL/],
      [serviceOf('sqs:action/SendMessage', '#set($x = $input.body)$x'), /directives such as #set/],
      [serviceOf('sqs:action/SendMessage', '$input.constructor'), /\$input.constructor is nothing that is known/],
      [serviceOf('sqs:action/SendMessage', '$util.urlEncode($input.body'), /a \) is missing/],
      [
        { ...serviceOf('sqs:action/SendMessage'), RequestParameters: { 'method.request.header.x': "'y'" } },
        /Invalid mapping expression/,
      ],
      [{ ...serviceOf('sqs:action/SendMessage'), ConnectionType: 'VPC_LINK' }, /no VPC links/],
    ]
    for (const [integration, message] of wrong) {
      const error = await refusal(gateway.send(new CreateIntegrationCommand({ ApiId, ...integration })))
      assert.match(error, /^BadRequestException/)
      assert.match(error, message)
    }
    const IntegrationId = await route('x', {
      ...serviceOf('sns:action/Publish', 'Message=x'),
      PassthroughBehavior: 'NEVER',
    })
    const kept = await gateway.send(new GetIntegrationCommand({ ApiId, IntegrationId }))
    assert.equal([kept.RequestTemplates, kept.PassthroughBehavior], [{ $default: 'Message=x' }, 'NEVER'])
  }))

test.run()
