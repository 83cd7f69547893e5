import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exceptionMessage, initialResponse, shardEvent, shardEventPayloadAt } from '../../broker/wire/event-stream.ts'

const test = suite('event-stream')

test('the first message and an exception are, byte for byte, what the SDKs decode', () => {
  assert.is(
    initialResponse().toString('hex'),
    '0000007200000060ab820d9e0b3a6576656e742d74797065070010696e697469616c2d726573706f6e73650d3a636f6e74656e742d7479706507001a6170706c69636174696f6e2f782d616d7a2d6a736f6e2d312e310d3a6d6573736167652d747970650700056576656e747b7dacae6b7d',
  )
  assert.is(
    exceptionMessage('ResourceInUseException', 'm').toString('hex'),
    '0000008d0000006e865ee7150f3a657863657074696f6e2d747970650700165265736f75726365496e557365457863657074696f6e0d3a636f6e74656e742d7479706507001a6170706c69636174696f6e2f782d616d7a2d6a736f6e2d312e310d3a6d6573736167652d74797065070009657863657074696f6e7b226d657373616765223a226d227dd41c0289',
  )
})

test('an event carries its payload', () => {
  const message = shardEvent(Buffer.from('{"Records":['), Buffer.from(']}'))
  assert.is(message.readUInt32BE(0), message.length)
  assert.is(message.subarray(12 + message.readUInt32BE(4), -4).toString(), '{"Records":[]}')
  assert.is(shardEventPayloadAt, 12 + message.readUInt32BE(4))
})

test.run()
