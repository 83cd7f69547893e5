import * as assert from 'uvu/assert'
import { suite } from '../../suite.ts'
import { withHost } from './harness.ts'

const test = suite('runtimes')

const sh = `#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "$api/next")
  id=$(grep -i '^lambda-runtime-aws-request-id' "$headers" | tr -d '\\r' | cut -d' ' -f2)
  rm -f "$headers"
  if [ "$event" = '"fail"' ]; then
    curl -sS "$api/$id/error" -d '{"errorMessage":"no","errorType":"Custom.No"}' >/dev/null
  else
    curl -sS "$api/$id/response" -d "{\\"handler\\":\\"$_HANDLER\\",\\"event\\":$event}" >/dev/null
  fi
done
`

const python = `#!/usr/bin/env python3
import json, os, urllib.request
base = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'
while True:
    with urllib.request.urlopen(base + 'next') as answer:
        request_id = answer.headers['Lambda-Runtime-Aws-Request-Id']
        deadline = int(answer.headers['Lambda-Runtime-Deadline-Ms'])
        event = json.load(answer)
    body = json.dumps({'sum': sum(event), 'deadline': deadline}).encode()
    print('summed')
    urllib.request.urlopen(urllib.request.Request(base + request_id + '/response', body)).read()
`

test('any language: a bootstrap in sh', () =>
  withHost(async ({ unit, invoke }) => {
    const own = await unit({ bootstrap: sh }, { runtime: 'provided.al2023', handler: 'some.name' })
    assert.equal((await invoke(own, { a: [1] })).value, { handler: 'some.name', event: { a: [1] } })
    const failed = await invoke(own, 'fail')
    assert.ok(failed.failed)
    assert.equal(failed.value, { errorMessage: 'no', errorType: 'Custom.No' })
    assert.equal((await invoke(own, 1)).value['event'], 1)
  }))

test('any language: a bootstrap in Python, out of a layer', () =>
  withHost(async ({ unit, invoke }) => {
    const layer = await unit({ bootstrap: python })
    const own = await unit(
      {},
      { runtime: 'provided', layers: [layer.directory ?? ''], environment: { PYTHONUNBUFFERED: '1' } },
    )
    const { value, logText } = await invoke(own, [1, 2, 3])
    assert.is(value['sum'], 6)
    assert.ok(Math.abs(Number(value['deadline']) - Date.now() - 10_000) < 5_000)
    assert.match(logText, /summed/)
  }))

test('what is no JSON is an answer all the same, as it came', () =>
  withHost(async ({ unit, host }) => {
    const text = sh.replace('"{\\"handler\\":\\"$_HANDLER\\",\\"event\\":$event}"', "'just text'")
    const own = await unit({ bootstrap: text }, { runtime: 'provided' })
    const { failed, payload } = await host.invoke(own, { requestId: 'r', payload: Buffer.from('{}'), invokedArn: 'f' })
    assert.equal([failed, Buffer.from(payload).toString()], [false, 'just text'])
  }))

test('a runtime without a bootstrap, and one that cannot be run, are told of', () =>
  withHost(async ({ unit, invoke }) => {
    const none = await invoke(await unit({}, { runtime: 'provided' }), {}, { requestId: 'r' })
    assert.equal(none.value, {
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: "RequestId: r Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
    })
    const broken = await invoke(await unit({ bootstrap: '#!/no/such/program\n' }, { runtime: 'provided' }))
    assert.is(broken.value['errorType'], 'Runtime.InvalidEntrypoint')
    const exits = await invoke(await unit({ bootstrap: '#!/bin/sh\necho hello\nexit 127\n' }, { runtime: 'provided' }))
    assert.match(exits.text, /Runtime.ExitError.*exit status 127/)
    assert.match(exits.logText, /hello/)
  }))

const handlers: Readonly<Record<string, string>> = {
  'esm.mjs': 'export const handler = async (event) => ({ event }); export const inner = { deep: { fn: () => 7 } }',
  'common.js': 'exports.handler = async (event) => ({ event }); module.exports.fn = (e, c, done) => done(null, e.a)',
  'default.cjs': 'module.exports = { handler: async () => "cjs" }',
  'nested/dir/file.mjs': 'export const handler = () => "nested"',
  'legacy.js': `exports.callback = (event, context, done) => setTimeout(() => done(null, event.a + 1), 5)
    exports.failing = (event, context, done) => done(new TypeError('bad'))
    exports.text = (event, context, done) => done('just text')
    exports.done = (event, context) => setTimeout(() => context.succeed('by context'), 5)
    exports.nothing = () => undefined
    let finished = 0
    exports.late = (event, context, done) => { setTimeout(() => { finished++ }, 30); done(null, finished) }
    exports.early = (event, context, done) => { context.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1000); done(null, 'early') }
    exports.count = async () => finished`,
}

test('Node handlers: ES modules and CommonJS, async, callback and context', () =>
  withHost(async ({ unit, invoke }) => {
    const call = async (handler: string, event: unknown = { a: 1 }) => {
      const { text, failed } = await invoke(await unit(handlers, { handler }), event)
      return failed ? JSON.parse(text).errorMessage : text
    }
    assert.is(await call('esm.handler'), '{"event":{"a":1}}')
    assert.is(await call('esm.inner.deep.fn'), '7')
    assert.is(await call('common.handler'), '{"event":{"a":1}}')
    assert.is(await call('common.fn'), '1')
    assert.is(await call('default.handler'), '"cjs"')
    assert.is(await call('nested/dir/file.handler'), '"nested"')
    assert.is(await call('legacy.callback'), '2')
    assert.is(await call('legacy.failing'), 'bad')
    assert.is(await call('legacy.text'), 'just text')
    assert.is(await call('legacy.done'), '"by context"')
    assert.is(await call('legacy.nothing'), 'null')
    assert.is(await call('legacy.early'), '"early"')
  }))

test('an answer by callback waits until nothing is under way', () =>
  withHost(async ({ unit, invoke }) => {
    const late = await unit(handlers, { handler: 'legacy.late' })
    assert.is((await invoke(late)).text, '0')
    assert.is((await invoke(late)).text, '1')
  }))

const broken: readonly [file: string, code: string, handler: string, type: string, text: RegExp][] = [
  ['index.mjs', '', 'none.handler', 'Runtime.ImportModuleError', /Cannot find module 'none'/],
  ['index.mjs', "import 'no-such-package'", 'index.handler', 'Runtime.ImportModuleError', /no-such-package/],
  ['index.mjs', 'export const handler = (', 'index.handler', 'Runtime.UserCodeSyntaxError', /SyntaxError/],
  ['index.js', 'exports.handler = {', 'index.handler', 'Runtime.UserCodeSyntaxError', /SyntaxError/],
  [
    'index.mjs',
    'export const other = 1',
    'index.handler',
    'Runtime.HandlerNotFound',
    /index.handler is undefined or not exported/,
  ],
  ['index.mjs', 'export const handler = 1', 'index.handler', 'Runtime.HandlerNotFound', /not a function/],
  ['index.mjs', '', 'index', 'Runtime.MalformedHandlerName', /Bad handler/],
  ['index.mjs', '', '../index.handler', 'Runtime.MalformedHandlerName', /Bad handler/],
  ['index.mjs', "throw new RangeError('at import')", 'index.handler', 'RangeError', /at import/],
  ['index.mjs', 'export const handler = async () => { throw new URIError("x") }', 'index.handler', 'URIError', /^x$/],
  ['index.mjs', 'export const handler = async () => ({ n: 1n })', 'index.handler', 'Runtime.MarshalError', /BigInt/],
  [
    'index.mjs',
    'export const handler = () => { const o = {}; o.o = o; return o }',
    'index.handler',
    'Runtime.MarshalError',
    /circular/,
  ],
  [
    'index.mjs',
    'export const handler = () => new Promise(() => {})',
    'index.handler',
    'Runtime.NodeJsExit',
    /never settled/,
  ],
  [
    'index.mjs',
    "export const handler = () => new Promise(() => setTimeout(() => { throw new Error('later') }, 5))",
    'index.handler',
    'Error',
    /later/,
  ],
  [
    'index.mjs',
    "export const handler = () => new Promise(() => { Promise.reject(new Error('loose')); setTimeout(() => {}, 1000) })",
    'index.handler',
    'Runtime.UnhandledPromiseRejection',
    /Error: loose/,
  ],
]

test('what is wrong with a handler is said, in its answer and in its log', () =>
  withHost(async ({ unit, invoke }) => {
    for (const [file, code, handler, type, text] of broken) {
      const { failed, value, logText } = await invoke(await unit({ [file]: code }, { handler }))
      assert.ok(failed, `${code} fails`)
      assert.is(value['errorType'], type, code)
      assert.match(String(value['errorMessage']), text)
      assert.ok(logText.split('\n').length > 3, `${code} leaves a line: ${logText}`)
    }
  }))

test('the environment is that of Lambda, and the invocation has its trace and its context', () =>
  withHost(async ({ unit, invoke }) => {
    const shows = await unit(
      {
        'index.mjs': `export const handler = async (event, context) => ({ env: { ...process.env }, cwd: process.cwd(), context,
          left: context.getRemainingTimeInMillis() })`,
      },
      { environment: { OWN: 'mine', AWS_LAMBDA_FUNCTION_NAME: 'not this' }, memoryMegabytes: 512 },
    )
    const { value } = await invoke(shows, {}, { traceId: 'Root=1-2-3', clientContext: '{"custom":{"a":"b"}}' })
    const { env, context } = value as { env: Record<string, string>; context: Record<string, unknown> }
    assert.is(env['_HANDLER'], 'index.handler')
    assert.is(env['LAMBDA_TASK_ROOT'], shows.directory)
    assert.is(value['cwd'], shows.directory)
    assert.is(env['AWS_LAMBDA_FUNCTION_NAME'], shows.name)
    assert.is(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'], '512')
    assert.is(env['AWS_REGION'], 'us-east-1')
    assert.is(env['_X_AMZN_TRACE_ID'], 'Root=1-2-3')
    assert.is(env['OWN'], 'mine')
    assert.is(env['AWS_ENDPOINT_URL'], 'http://broker')
    assert.is(env['npm_config_user_agent'], undefined)
    assert.is(context['invokedFunctionArn'], `arn:aws:lambda:us-east-1:000000000000:function:${shows.name}`)
    assert.equal(context['clientContext'], { custom: { a: 'b' } })
    assert.ok(Number(value['left']) > 5_000)
  }))

test('a streamed response comes in pieces, its head first, and an error in the middle ends it', () =>
  withHost(async ({ unit, invoke }) => {
    const streams = await unit({
      'index.mjs': `export const handler = awslambda.streamifyResponse(async (event, stream) => {
          if (event.http) stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 })
          stream.write('one')
          await new Promise((done) => setTimeout(done, 50))
          if (event.fail) throw new Error('in the middle')
          stream.end('two')
        })`,
    })
    const chunks: string[] = []
    const onChunk = (chunk: Uint8Array) => void chunks.push(Buffer.from(chunk).toString())
    const { failed } = await invoke(streams, {}, { onChunk })
    assert.not.ok(failed)
    assert.equal(chunks, ['one', 'two'])
    chunks.length = 0
    await invoke(streams, { http: true }, { onChunk })
    assert.is(chunks.join(''), `{"statusCode":201}${'\0'.repeat(8)}onetwo`)
    const ended = await invoke(streams, { fail: true }, { onChunk })
    assert.ok(ended.failed)
    assert.match(ended.text, /in the middle/)
    assert.not.ok((await invoke(streams, {}, { onChunk })).failed)
  }))

test.run()
