import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-lambda'
import { strToU8, zipSync } from 'fflate'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { functionOf, refusal, role, withLambda, zipOf } from './lambda-harness.ts'

const test = suite('lambda by the AWS SDK')

const echo = 'export const handler = async (event) => ({ event, version: process.env.AWS_LAMBDA_FUNCTION_VERSION })'

const text = (payload: Uint8Array | undefined) => Buffer.from(payload ?? []).toString()

test('a function is created from an archive, active at once, described, changed, listed and deleted', () =>
  withLambda(async ({ lambda }) => {
    const created = await lambda.send(
      new sdk.CreateFunctionCommand({
        ...functionOf('f', echo),
        Environment: { Variables: { A: 'b' } },
        Timeout: 5,
        Tags: { team: 'x' },
      }),
    )
    assert.is(created.FunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:f')
    assert.equal([created.State, created.Version, created.Timeout, created.MemorySize], ['Active', '$LATEST', 5, 128])
    await sdk.waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 5 }, { FunctionName: 'f' })
    const got = await lambda.send(new sdk.GetFunctionCommand({ FunctionName: created.FunctionArn }))
    assert.equal(got.Configuration?.Environment, { Variables: { A: 'b' } })
    assert.match(got.Code?.Location ?? '', /^file:.*zip$/)
    assert.equal(got.Tags, { team: 'x' })
    const updated = await lambda.send(
      new sdk.UpdateFunctionConfigurationCommand({ FunctionName: 'f', MemorySize: 256 }),
    )
    assert.equal([updated.MemorySize, updated.Timeout], [256, 5])
    assert.is.not(updated.RevisionId, created.RevisionId)
    const page = await lambda.send(new sdk.ListFunctionsCommand({}))
    assert.equal(
      page.Functions?.map((each) => each.FunctionName),
      ['f'],
    )
    await lambda.send(new sdk.DeleteFunctionCommand({ FunctionName: 'f' }))
    assert.is(
      await refusal(lambda.send(new sdk.GetFunctionCommand({ FunctionName: 'f' }))),
      'ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f',
    )
  }))

test('an invocation: event in, answer out, the log on request, the error in the answer', () =>
  withLambda(async ({ lambda }) => {
    const code =
      "export const handler = async (e) => { console.log('seen'); if (e.fail) throw new TypeError('no'); return e }"
    await lambda.send(new sdk.CreateFunctionCommand(functionOf('f', code)))
    const call = (Payload: string, more = {}) =>
      lambda.send(new sdk.InvokeCommand({ FunctionName: 'f', Payload, ...more }))
    const good = await call('{"a":1}', { LogType: 'Tail' })
    assert.equal([good.StatusCode, good.ExecutedVersion, good.FunctionError], [200, '$LATEST', undefined])
    assert.is(text(good.Payload), '{"a":1}')
    assert.match(Buffer.from(good.LogResult ?? '', 'base64').toString(), /INFO\tseen\n/)
    const bad = await call('{"fail":true}')
    assert.equal([bad.StatusCode, bad.FunctionError], [200, 'Unhandled'])
    const { errorType, errorMessage } = JSON.parse(text(bad.Payload))
    assert.equal([errorType, errorMessage], ['TypeError', 'no'])
    assert.is((await call('{}', { InvocationType: 'DryRun' })).StatusCode, 204)
    assert.is(text((await lambda.send(new sdk.InvokeCommand({ FunctionName: 'f' }))).Payload), '{}')
    assert.match(await refusal(call('{')), /^InvalidRequestContentException: Could not parse request body into json/)
    assert.match(await refusal(call('{}', { FunctionName: 'none' })), /^ResourceNotFoundException/)
    assert.match(await refusal(call('{}', { Qualifier: '7' })), /function:f:7$/)
    assert.match(await refusal(call(`"${'x'.repeat(6 * 1024 * 1024)}"`)), /^RequestTooLargeException/)
  }))

test('names: partial ARNs, qualifiers in them, and the wrong region', () =>
  withLambda(async ({ lambda }) => {
    await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', echo), Publish: true }))
    const call = async (FunctionName: string) =>
      JSON.parse(text((await lambda.send(new sdk.InvokeCommand({ FunctionName }))).Payload)).version
    assert.is(await call('f:1'), '1')
    assert.is(await call('000000000000:function:f'), '$LATEST')
    assert.is(await call('arn:aws:lambda:us-east-1:000000000000:function:f:1'), '1')
    assert.match(
      await refusal(call('arn:aws:lambda:eu-west-3:000000000000:function:f')),
      /Functions from 'eu-west-3' are not reachable in this region \('us-east-1'\)/,
    )
  }))

test('versions are frozen, aliases point to them, and a weight shares the calls out', () =>
  withLambda(async ({ lambda }) => {
    await lambda.send(new sdk.CreateFunctionCommand(functionOf('f', 'export const handler = () => "one"')))
    const first = await lambda.send(new sdk.PublishVersionCommand({ FunctionName: 'f' }))
    assert.is(first.Version, '1')
    assert.is((await lambda.send(new sdk.PublishVersionCommand({ FunctionName: 'f' }))).Version, '1')
    const ZipFile = zipOf({ 'index.mjs': 'export const handler = () => "two"' })
    await lambda.send(new sdk.UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile, Publish: true }))
    const call = async (Qualifier?: string) =>
      text((await lambda.send(new sdk.InvokeCommand({ FunctionName: 'f', Qualifier }))).Payload)
    assert.equal([await call('1'), await call('2'), await call()], ['"one"', '"two"', '"two"'])
    await lambda.send(new sdk.CreateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '1' }))
    assert.is(await call('live'), '"one"')
    const half = { AdditionalVersionWeights: { 2: 0.5 } }
    await lambda.send(new sdk.UpdateAliasCommand({ FunctionName: 'f', Name: 'live', RoutingConfig: half }))
    const seen = new Set<string>()
    for (let i = 0; i < 60 && seen.size < 2; i++) seen.add(await call('live'))
    assert.is(seen.size, 2)
    const { Versions } = await lambda.send(new sdk.ListVersionsByFunctionCommand({ FunctionName: 'f' }))
    assert.equal(
      Versions?.map((each) => each.Version),
      ['$LATEST', '1', '2'],
    )
    assert.match(
      await refusal(lambda.send(new sdk.DeleteFunctionCommand({ FunctionName: 'f', Qualifier: '1' }))),
      /^ResourceConflictException/,
    )
    const { Aliases } = await lambda.send(new sdk.ListAliasesCommand({ FunctionName: 'f' }))
    assert.equal(Aliases?.[0]?.RoutingConfig, half)
    await lambda.send(new sdk.DeleteAliasCommand({ FunctionName: 'f', Name: 'live' }))
    assert.match(
      await refusal(lambda.send(new sdk.GetAliasCommand({ FunctionName: 'f', Name: 'live' }))),
      /^ResourceNotFoundException: Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:f:live/,
    )
  }))

test('reserved concurrency refuses what is beyond it', () =>
  withLambda(async ({ lambda }) => {
    await lambda.send(
      new sdk.CreateFunctionCommand(
        functionOf('f', 'export const handler = () => new Promise((done) => setTimeout(done, 500))'),
      ),
    )
    await lambda.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'f', ReservedConcurrentExecutions: 1 }))
    const got = await lambda.send(new sdk.GetFunctionConcurrencyCommand({ FunctionName: 'f' }))
    assert.is(got.ReservedConcurrentExecutions, 1)
    const calls = [1, 2].map(() => refusal(lambda.send(new sdk.InvokeCommand({ FunctionName: 'f' }))))
    assert.equal((await Promise.all(calls)).sort(), ['TooManyRequestsException: Rate Exceeded.', 'no error'])
    await lambda.send(new sdk.DeleteFunctionConcurrencyCommand({ FunctionName: 'f' }))
    assert.is(await refusal(lambda.send(new sdk.InvokeCommand({ FunctionName: 'f' }))), 'no error')
  }))

test('the code of no function needs a signature', () =>
  withLambda(async ({ lambda }) => {
    await lambda.send(new sdk.CreateFunctionCommand(functionOf('f', echo)))
    const answer = await lambda.send(new sdk.GetFunctionCodeSigningConfigCommand({ FunctionName: 'f' }))
    assert.equal([answer.FunctionName, answer.CodeSigningConfigArn], ['f', undefined])
  }))

test('provisioned concurrency is kept and told, of versions and aliases', () =>
  withLambda(async ({ lambda }) => {
    await lambda.send(
      new sdk.CreateFunctionCommand({ ...functionOf('f', 'export const handler = () => 1'), Publish: true }),
    )
    const of = { FunctionName: 'f', Qualifier: '1' }
    const none = refusal(lambda.send(new sdk.GetProvisionedConcurrencyConfigCommand(of)))
    assert.match(await none, /ProvisionedConcurrencyConfigNotFoundException/)
    const put = (Qualifier: string) =>
      lambda.send(
        new sdk.PutProvisionedConcurrencyConfigCommand({ ...of, Qualifier, ProvisionedConcurrentExecutions: 5 }),
      )
    assert.match(await refusal(put('$LATEST')), /InvalidParameterValueException: .*unpublished/)
    assert.match(await refusal(put('none')), /ResourceNotFoundException/)
    assert.is((await put('1')).Status, 'READY')
    const got = await lambda.send(new sdk.GetProvisionedConcurrencyConfigCommand(of))
    assert.is(got.AvailableProvisionedConcurrentExecutions, 5)
    const list = () => lambda.send(new sdk.ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'f' }))
    const { ProvisionedConcurrencyConfigs: all = [] } = await list()
    assert.match(all[0]?.FunctionArn ?? '', /:function:f:1$/)
    await lambda.send(new sdk.DeleteProvisionedConcurrencyConfigCommand(of))
    assert.equal((await list()).ProvisionedConcurrencyConfigs, [])
  }))

test('a layer is found by the function that has it', () =>
  withLambda(async ({ lambda }) => {
    const layer = zipOf({
      'nodejs/node_modules/greet/package.json': '{"main":"index.js"}',
      'nodejs/node_modules/greet/index.js': 'module.exports = () => "hello"',
    })
    const { LayerVersionArn } = await lambda.send(
      new sdk.PublishLayerVersionCommand({ LayerName: 'lib', Content: { ZipFile: layer } }),
    )
    const Code = { ZipFile: zipOf({ 'index.js': 'exports.handler = async () => require("greet")()' }) }
    await lambda.send(
      new sdk.CreateFunctionCommand({ ...functionOf('f', ''), Code, Layers: [LayerVersionArn as string] }),
    )
    assert.is(text((await lambda.send(new sdk.InvokeCommand({ FunctionName: 'f' }))).Payload), '"hello"')
    const byArn = await lambda.send(new sdk.GetLayerVersionByArnCommand({ Arn: LayerVersionArn }))
    assert.is(byArn.Version, 1)
    assert.is((await lambda.send(new sdk.ListLayersCommand({}))).Layers?.[0]?.LayerName, 'lib')
    assert.is((await lambda.send(new sdk.ListLayerVersionsCommand({ LayerName: 'lib' }))).LayerVersions?.length, 1)
    await lambda.send(new sdk.DeleteLayerVersionCommand({ LayerName: 'lib', VersionNumber: 1 }))
    assert.match(
      await refusal(lambda.send(new sdk.GetLayerVersionCommand({ LayerName: 'lib', VersionNumber: 1 }))),
      /^ResourceNotFoundException/,
    )
  }))

test('permissions and tags are kept and told', () =>
  withLambda(async ({ lambda }) => {
    const { FunctionArn: Resource } = await lambda.send(new sdk.CreateFunctionCommand(functionOf('f', echo)))
    const statement = {
      FunctionName: 'f',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
    }
    await lambda.send(new sdk.AddPermissionCommand({ ...statement, SourceArn: 'arn:aws:sns:us-east-1:0:t' }))
    assert.match(await refusal(lambda.send(new sdk.AddPermissionCommand(statement))), /^ResourceConflictException/)
    const { Policy } = await lambda.send(new sdk.GetPolicyCommand({ FunctionName: 'f' }))
    assert.equal(JSON.parse(Policy ?? '').Statement[0].Principal, { Service: 'sns.amazonaws.com' })
    await lambda.send(new sdk.RemovePermissionCommand({ FunctionName: 'f', StatementId: 's' }))
    assert.match(
      await refusal(lambda.send(new sdk.GetPolicyCommand({ FunctionName: 'f' }))),
      /^ResourceNotFoundException/,
    )
    await lambda.send(new sdk.TagResourceCommand({ Resource, Tags: { a: '1', b: '2' } }))
    await lambda.send(new sdk.UntagResourceCommand({ Resource, TagKeys: ['a'] }))
    assert.equal((await lambda.send(new sdk.ListTagsCommand({ Resource }))).Tags, { b: '2' })
  }))

test('bad input gets the errors AWS has for it', () =>
  withLambda(async ({ lambda }) => {
    const create = (more: object) =>
      refusal(lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', echo), ...more })))
    const zip = (ZipFile: Uint8Array) => create({ Code: { ZipFile } })
    assert.match(
      await zip(zipSync({ '../x': strToU8('') })),
      /^InvalidParameterValueException: Could not unzip uploaded file/,
    )
    assert.match(await zip(strToU8('no zip')), /^InvalidParameterValueException: Could not unzip uploaded file/)
    assert.match(
      await zip(zipSync({ bomb: new Uint8Array(262_144_001) }, { level: 1 })),
      /Unzipped size must be smaller than 262144000 bytes/,
    )
    assert.match(await create({ Code: {} }), /Please provide a source for function code/)
    assert.match(
      await create({ Runtime: 'cobol85' }),
      /^InvalidParameterValueException: Value cobol85 at 'runtime' failed to satisfy constraint/,
    )
    assert.match(await create({ Handler: undefined }), /Runtime and Handler are mandatory/)
    assert.match(await create({ Timeout: 901 }), /less than or equal to 900/)
    assert.match(
      await create({ Timeout: 0 }),
      /^ValidationException: 1 validation error detected: Value '0' at 'timeout'/,
    )
    assert.match(await create({ Environment: { Variables: { A: 'x'.repeat(5_000) } } }), /exceeded the 4KB limit/)
    assert.match(await create({ Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:x:1'] }), /does not exist/)
    assert.match(await create({ Role: 'me' }), /^ValidationException/)
    assert.is(await create({}), 'no error')
    assert.is(await create({}), 'ResourceConflictException: Function already exist: f')
    assert.match(
      await refusal(
        lambda.send(new sdk.UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: zipOf({}), RevisionId: 'x' })),
      ),
      /^PreconditionFailedException/,
    )
    const { Functions } = await lambda.send(new sdk.ListFunctionsCommand({}))
    assert.is(Functions?.length, 1)
  }))

test('a function of a directory is loaded anew when a file changes', () =>
  withLambda(async ({ lambda }) => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-test-'))
    try {
      await writeFile(join(directory, 'index.mjs'), 'export const handler = () => 1')
      const Code = { S3Bucket: 'hot-reload', S3Key: directory }
      await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', ''), Code, Role: role }))
      const call = async () => text((await lambda.send(new sdk.InvokeCommand({ FunctionName: 'f' }))).Payload)
      assert.is(await call(), '1')
      await writeFile(join(directory, 'index.mjs'), 'export const handler = () => 12')
      await new Promise((resolve) => setTimeout(resolve, 250))
      assert.is(await call(), '12')
    } finally {
      await rm(directory, { recursive: true })
    }
  }))

test('functions survive a restart, with their code, versions and aliases', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    await withLambda(
      async ({ lambda }) => {
        await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', echo), Publish: true }))
        await lambda.send(new sdk.CreateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '1' }))
      },
      { memory: false, data },
    )
    await withLambda(
      async ({ lambda }) => {
        const { Payload, ExecutedVersion } = await lambda.send(
          new sdk.InvokeCommand({ FunctionName: 'f:live', Payload: '5' }),
        )
        assert.is(ExecutedVersion, '1')
        assert.equal(JSON.parse(text(Payload)), { event: 5, version: '1' })
      },
      { memory: false, data },
    )
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test.run()
