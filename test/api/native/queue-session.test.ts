import { Packr } from 'msgpackr'
import * as assert from 'uvu/assert'
import { type Frame, frame, frameTypes, jsonPayload } from '../../../broker/wire/frame.ts'
import { bothVersions, until, within } from '../../server/harness.ts'
import type { FrameStream, RawClient } from '../../server/raw-client.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: queue sessions')
const packr = new Packr({ useRecords: false })

async function open(client: RawClient): Promise<FrameStream> {
  const stream = client.open('/v1/queues/q/session', {
    headers: { 'content-type': 'application/vnd.millrace.frames' },
  })
  assert.is(await within(stream.status, 'an answer'), 200)
  return stream
}

const ask = (stream: FrameStream, type: 'send' | 'credit' | 'settle', value: unknown) =>
  stream.send(frame(frameTypes[type], 0, 0, packr.pack(value)))

const typed = (stream: FrameStream, type: keyof typeof frameTypes) =>
  stream.frames.filter((each) => each.type === frameTypes[type])

const unpacked = (each: Frame | undefined) => packr.unpack(each?.payload as Uint8Array) as Record<string, unknown>

/** The messages received so far. */
const messagesOf = (stream: FrameStream) =>
  typed(stream, 'messages').flatMap(
    (each) => packr.unpack(each.payload) as { data: Buffer; handle: string; receives: number }[],
  )

async function answered(stream: FrameStream, type: 'sent' | 'settled', count: number) {
  await until(() => typed(stream, type).length >= count, `${count} ${type} frames came`)
  return unpacked(typed(stream, type)[count - 1])
}

bothVersions(test, 'messages are sent, given out as far as credit goes, and settled', async (client) => {
  await client.ask('PUT', '/v1/queues/q')
  const stream = await open(client)
  ask(
    stream,
    'send',
    Array.from({ length: 10 }, (_, i) => ({ text: `${i}` })),
  )
  const sent = await answered(stream, 'sent', 1)
  assert.is(sent['frame'], 0)
  assert.equal(
    (sent['results'] as { sequence: number }[]).map(({ sequence }) => sequence),
    Array.from({ length: 10 }, (_, i) => i),
  )
  ask(stream, 'credit', { messages: 3 })
  await until(() => messagesOf(stream).length === 3, 'three came')
  ask(stream, 'credit', { messages: 4, visibilityMillis: 60_000 })
  await until(() => messagesOf(stream).length === 7, 'four more came')
  const [first, second] = messagesOf(stream)
  ask(stream, 'settle', [first?.handle, { handle: second?.handle, visibilityMillis: 0 }, 'nonsense'])
  const settled = (await answered(stream, 'settled', 1))['results'] as ({ code: string } | null)[]
  assert.equal([settled[0], settled[1], settled[2]?.code], [null, null, 'handle_invalid'])
  const { value } = await client.ask('GET', '/v1/queues/q')
  assert.equal((value as { messages: unknown }).messages, { visible: 4, inFlight: 5, delayed: 0 })
  stream.finish()
  await within(stream.ended, 'the session ended')
})

bothVersions(
  test,
  'who takes his credit back hears when all is there, and what he gives back goes to others',
  async (client) => {
    await client.ask('PUT', '/v1/queues/q')
    const stream = await open(client)
    ask(stream, 'credit', { messages: 10 })
    ask(stream, 'send', [{ text: 'a' }, { text: 'b' }])
    await until(() => messagesOf(stream).length === 2, 'both came')
    ask(stream, 'credit', { messages: 0, cancel: true })
    ask(
      stream,
      'settle',
      messagesOf(stream).map(({ handle }) => ({ handle, visibilityMillis: 0 })),
    )
    await answered(stream, 'settled', 1)
    assert.equal(unpacked(typed(stream, 'credit')[0]), { messages: 0, cancel: true })
    const other = await open(client)
    ask(other, 'credit', { messages: 10 })
    await until(() => messagesOf(other).length === 2, 'both came to the other')
    assert.is(messagesOf(stream).length, 2)
    ask(stream, 'send', [{ text: 'c' }])
    ask(stream, 'credit', { messages: 10 })
    await until(() => messagesOf(other).length + messagesOf(stream).length === 5, 'credit can be granted again')
    stream.finish()
    other.finish()
    await within(Promise.all([stream.ended, other.ended]), 'the sessions ended')
  },
)

bothVersions(test, 'what is given back unread was not received, and is no dead letter by that', async (client) => {
  await client.ask('PUT', '/v1/queues/dead')
  await client.ask('PUT', '/v1/queues/q', { body: { deadLetter: { queue: 'dead', maxReceives: 1 } } })
  const stream = await open(client)
  ask(stream, 'send', [{ text: 'a' }])
  for (let times = 1; times <= 3; times++) {
    ask(stream, 'credit', { messages: 1 })
    await until(() => messagesOf(stream).length === times, 'it came')
    ask(stream, 'settle', [{ handle: messagesOf(stream).at(-1)?.handle, unread: true }])
    assert.equal((await answered(stream, 'settled', times))['results'], [null])
  }
  assert.equal(
    messagesOf(stream).map(({ receives }) => receives),
    [1, 1, 1],
  )
  ask(stream, 'settle', [{ handle: messagesOf(stream).at(-1)?.handle, unread: true }])
  assert.is(((await answered(stream, 'settled', 4))['results'] as { code: string }[])[0]?.code, 'not_in_flight')
  stream.finish()
  await within(stream.ended, 'the session ended')
})

bothVersions(test, 'a message that is wrong costs its frame, and not the session', async (client) => {
  await client.ask('PUT', '/v1/queues/q')
  const stream = await open(client)
  ask(stream, 'send', [{ text: 'good' }, { text: 'a', delayMillis: -1 }])
  assert.is(((await answered(stream, 'sent', 1))['error'] as { code: string }).code, 'invalid_field')
  ask(stream, 'send', [])
  assert.is(((await answered(stream, 'sent', 2))['error'] as { code: string }).code, 'frame_malformed')
  ask(stream, 'settle', [{ handle: 'x' }])
  assert.is(((await answered(stream, 'settled', 1))['error'] as { code: string }).code, 'invalid_field')
  ask(stream, 'send', [{ text: 'good' }])
  const { frame: number, results } = await answered(stream, 'sent', 3)
  assert.equal([number, (results as object[]).length], [2, 1])
  const { value } = await client.ask('GET', '/v1/queues/q')
  assert.is((value as { messages: { visible: number } }).messages.visible, 1)
  stream.finish()
  await within(stream.ended, 'the session ended')
})

bothVersions(test, 'what is no MessagePack, or no credit, ends the session with an error', async (client) => {
  await client.ask('PUT', '/v1/queues/q')
  for (const [payload, code] of [
    [Buffer.of(0xc1), 'bad_request'],
    [Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff), 'bad_request'],
    [packr.pack({ messages: -1 }), 'invalid_field'],
    [packr.pack({ messages: 1, visibilityMillis: 1 }), 'invalid_field'],
  ] as const) {
    const stream = await open(client)
    stream.send(frame(frameTypes.credit, 0, 0, payload))
    await within(stream.ended, 'the session ended')
    assert.is((jsonPayload(stream.frames.at(-1)?.payload as Uint8Array) as { code: string }).code, code)
  }
})

bothVersions(
  test,
  'a session of a queue that is deleted ends with an error; one of no queue is refused',
  async (client) => {
    const refused = client.open('/v1/queues/none/session')
    assert.is(await within(refused.status, 'an answer'), 404)
    await client.ask('PUT', '/v1/queues/q')
    const stream = await open(client)
    ask(stream, 'credit', { messages: 1 })
    ask(stream, 'send', [{ text: 'a' }])
    await until(() => messagesOf(stream).length === 1, 'it came')
    ask(stream, 'credit', { messages: 1 })
    ask(stream, 'settle', ['nonsense'])
    await answered(stream, 'settled', 1)
    await client.ask('DELETE', '/v1/queues/q')
    await within(stream.ended, 'the session ended')
    assert.is((jsonPayload(stream.frames.at(-1)?.payload as Uint8Array) as { code: string }).code, 'queue_not_found')
  },
)

bothVersions(test, 'who is gone gets no more messages, and what waits goes to the next', async (client) => {
  await client.ask('PUT', '/v1/queues/q')
  const leaving = await open(client)
  ask(leaving, 'credit', { messages: 1_000 })
  ask(leaving, 'settle', ['nonsense'])
  await answered(leaving, 'settled', 1)
  leaving.finish()
  await within(leaving.ended, 'the session ended')
  const staying = await open(client)
  ask(staying, 'credit', { messages: 1_000 })
  ask(staying, 'send', [{ text: 'a' }, { text: 'b' }])
  await until(() => messagesOf(staying).length === 2, 'both came here')
  staying.finish()
  await within(staying.ended, 'the session ended')
})

test.run()
