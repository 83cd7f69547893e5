import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { claim, send, sendHttp2, sign, withBroker } from './harness.ts'

const test = suite('aws access')
const target = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Kinesis_20131202.ListStreams' }
const credentials = { AKID: 'secret' }

test('without credentials configured any signature will do, over HTTP/1.1 and HTTP/2', () =>
  withBroker(async ({ url }) => {
    const request = { headers: { ...target, authorization: claim('kinesis') }, body: '{}' }
    assert.is((await send(url, request)).status, 200)
    assert.is((await sendHttp2(url, request)).status, 200)
  }))

test('with credentials configured only what is signed with one of them, over HTTP/1.1 and HTTP/2', () =>
  withBroker(
    async ({ url, main }) => {
      const time = `${new Date(main.broker.clock.now()).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
      const by = (secret: string) =>
        sign('{}', { key: 'AKID', secret, service: 'kinesis', authority: new URL(url).host, time }, target)
      for (const over of [send, sendHttp2]) {
        assert.is((await over(url, { headers: by('secret'), body: '{}' })).status, 200)
        const wrong = await over(url, { headers: by('guess'), body: '{}' })
        assert.is(wrong.status, 400)
        assert.is(JSON.parse(`${wrong.body}`).__type, 'InvalidSignatureException')
        const changed = await over(url, { headers: by('secret'), body: '{ }' })
        assert.is(changed.status, 400)
      }
    },
    { awsCredentials: credentials },
  ))

test('on a public address a token is no way in for AWS calls, nor a signature for native ones', async () => {
  const request = { headers: { ...target, authorization: claim('kinesis') }, body: '{}' }
  await withBroker(
    async ({ url }) => {
      const refused = await send(url.replace('0.0.0.0', '127.0.0.1'), request)
      assert.is(refused.status, 400)
      assert.is(JSON.parse(`${refused.body}`).__type, 'AccessDeniedException')
      assert.match(JSON.parse(`${refused.body}`).message, /--aws-credentials/)
    },
    { host: '0.0.0.0', token: 't' },
  )
  await withBroker(
    async ({ url }) => {
      const refused = await send(url.replace('0.0.0.0', '127.0.0.1'), { method: 'GET', path: '/v1/streams' })
      assert.is(refused.status, 401)
      assert.match(JSON.parse(`${refused.body}`).message, /--token/)
    },
    { host: '0.0.0.0', awsCredentials: credentials },
  )
})

test('the native API is where it was', () =>
  withBroker(async ({ url }) => {
    assert.is((await send(url, { method: 'GET', path: '/healthz' })).status, 200)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const put = { path: '/v1/streams/s/records', headers: form, body: '{"records":[{"key":"k","text":"x"}]}' }
    assert.is((await send(url, { method: 'PUT', path: '/v1/streams/s' })).status, 201)
    assert.is((await send(url, put)).status, 200)
  }))

test.run()
