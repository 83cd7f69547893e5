import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AwsHead, parseHead } from '../../broker/api/aws/request.ts'
import { Signatures } from '../../broker/api/sigv4.ts'
import { ManualClock } from '../../broker/clock.ts'
import { AwsError } from '../../broker/wire/aws-error.ts'

const test = suite('sigv4')
const time = Date.UTC(2015, 7, 30, 12, 36, 0)
const secrets = new Map([['AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY']])
const empty = new Uint8Array(0)

/** The first request of AWS's own test suite for Signature Version 4, "get-vanilla", and its signature. */
const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'

function signed(signature: string, change: Partial<AwsHead> & { credential?: string } = {}): AwsHead {
  const credential = change.credential ?? 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request'
  return {
    method: 'GET',
    url: '/',
    authority: 'example.amazonaws.com',
    secure: true,
    ...change,
    headers: {
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
      ...change.headers,
    },
  }
}

function outcome(head: AwsHead, now = time, body: Uint8Array = empty, query = false): string {
  try {
    new Signatures(secrets, new ManualClock(now)).verify(parseHead(head), body, 'service', query)
    return 'let in'
  } catch (error) {
    return error instanceof AwsError ? `${error.status} ${error.code}: ${error.message}` : String(error)
  }
}

test("AWS's own example is let in, and once more by its cached key", () => {
  assert.is(outcome(signed(vanilla)), 'let in')
  const signatures = new Signatures(secrets, new ManualClock(time))
  signatures.verify(parseHead(signed(vanilla)), empty, 'service', false)
  signatures.verify(parseHead(signed(vanilla)), empty, 'service', false)
})

test('parameters are signed in the order of their names, whatever order they were sent in', () => {
  // "get-vanilla-query-order-key-case" of the same suite.
  const signature = 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'
  assert.is(outcome(signed(signature, { url: '/?Param2=value2&Param1=value1' })), 'let in')
  assert.match(outcome(signed(signature, { url: '/?Param2=value2&Param1=value3' })), /^400 InvalidSignatureException/)
})

test('a changed body, header, path, method or signature is not', () => {
  const refused = /^400 InvalidSignatureException: The request signature we calculated does not match/
  assert.match(outcome(signed(vanilla), time, Buffer.from('x')), refused)
  assert.match(outcome(signed(vanilla, { authority: 'other.amazonaws.com' })), refused)
  assert.match(outcome(signed(vanilla, { url: '/other' })), refused)
  assert.match(outcome(signed(vanilla, { method: 'POST' })), refused)
  assert.match(outcome(signed(vanilla.replace('5', '6'))), refused)
  assert.match(outcome(signed('beef')), refused)
})

test('an unknown key is told so, in the code of its protocol', () => {
  const credential = 'SOMEBODY/20150830/us-east-1/service/aws4_request'
  const text = 'UnrecognizedClientException: The security token included in the request is invalid.'
  assert.is(outcome(signed(vanilla, { credential })), `400 ${text}`)
  assert.is(outcome(signed(vanilla, { credential }), time, empty, true), `403 ${text}`)
})

test('a scope of another service, or another day, is refused', () => {
  const credential = 'AKIDEXAMPLE/20150830/us-east-1/sqs/aws4_request'
  assert.match(outcome(signed(vanilla, { credential })), /Credential should be scoped to correct service: 'service'/)
  const other = 'AKIDEXAMPLE/20150829/us-east-1/service/aws4_request'
  assert.match(outcome(signed(vanilla, { credential: other })), /Date in Credential scope does not match/)
})

test('a clock that is more than 5 minutes off is refused with both times', () => {
  assert.is(outcome(signed(vanilla), time + 300_000), 'let in')
  assert.is(
    outcome(signed(vanilla), time + 301_000),
    '400 InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)',
  )
  assert.match(
    outcome(signed(vanilla), time - 301_000),
    /Signature not yet current: 20150830T123600Z is still later than/,
  )
})

test('what a signature lacks is named', () => {
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=a', 'x-amz-date': undefined }
  const text = outcome(signed(vanilla, { headers }))
  assert.match(text, /^400 IncompleteSignatureException: Authorization header requires 'Credential' parameter\. /)
  assert.match(
    text,
    /'Signature' parameter.*'SignedHeaders' parameter.*existence of either a 'X-Amz-Date' or a 'Date' header/,
  )
  assert.match(
    outcome({ ...signed(vanilla), url: '/?X-Amz-Algorithm=AWS4-HMAC-SHA256', headers: {} }),
    /must include 'X-Amz-Credential'.*Re-examine/,
  )
})

test.run()
