import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AwsError } from '../../broker/wire/aws-error.ts'
import { decodeAwsQuery, encodeAwsQuery, encodeAwsQueryError } from '../../broker/wire/aws-query.ts'
import type { Members } from '../../broker/wire/aws-shape.ts'

const test = suite('aws-query')

const members = {
  QueueUrl: { type: 'string' },
  Delay: { type: 'integer' },
  Raw: { type: 'boolean' },
  When: { type: 'timestamp' },
  Names: { type: 'list', of: { type: 'string' } },
  Entries: {
    type: 'list',
    flattened: 'SendMessageBatchRequestEntry',
    of: { type: 'structure', members: { Id: { type: 'string' }, Body: { type: 'string' } } },
  },
  Attributes: { type: 'map', of: { type: 'string' } },
  Tags: { type: 'map', flattened: 'Tag', keyName: 'Key', valueName: 'Value', of: { type: 'string' } },
} as const satisfies Members

const read = (form: string) => decodeAwsQuery(new URLSearchParams(form), members)

test('lists and maps are read, flattened or not, by their numbers', () => {
  assert.equal(
    read(
      'Action=X&QueueUrl=http%3A%2F%2Fq&Delay=-5&Raw=true&When=2026-01-01T00%3A00%3A00Z&Names.member.2=b&Names.member.1=a' +
        '&SendMessageBatchRequestEntry.10.Id=z&SendMessageBatchRequestEntry.9.Id=y&SendMessageBatchRequestEntry.9.Body=hi' +
        '&Attributes.entry.1.key=K&Attributes.entry.1.value=V&Tag.1.Key=__proto__&Tag.1.Value=t',
    ),
    {
      QueueUrl: 'http://q',
      Delay: -5,
      Raw: true,
      When: new Date('2026-01-01T00:00:00Z'),
      Names: ['a', 'b'],
      Entries: [{ Id: 'y', Body: 'hi' }, { Id: 'z' }],
      Attributes: { K: 'V' },
      Tags: Object.fromEntries([['__proto__', 't']]),
    },
  )
})

test('what is not there is absent, what cannot be a number stays text for the check of types', () => {
  assert.equal(read('Delay=soon&Unknown=1&Names.x=1'), { Delay: 'soon', Names: [] })
})

test('forms that are too large or too deep are refused', () => {
  const refused = (error: unknown) => error instanceof AwsError && error.code === 'MalformedQueryString'
  assert.throws(() => read(Array.from({ length: 20 }, () => 'a').join('.')), refused)
  assert.throws(() => read(Array.from({ length: 10_001 }, (_, i) => `a${i}=1`).join('&')), refused)
})

test('answers are XML: escaped, in a result element, with the request id', () => {
  const options = { namespace: 'http://queue.amazonaws.com/doc/2012-11-05/', requestId: 'r-1' }
  assert.is(
    encodeAwsQuery(
      'Receive',
      { Names: ['<a>', '&\u0001'], Raw: true, Delay: undefined, Tags: { k: 'v' } },
      members,
      options,
    ),
    '<?xml version="1.0"?><ReceiveResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveResult><Names><member>&lt;a&gt;</member>' +
      '<member>&amp;\ufffd</member></Names><Raw>true</Raw><Tag><Key>k</Key><Value>v</Value></Tag></ReceiveResult>' +
      '<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ReceiveResponse>',
  )
  assert.is(
    encodeAwsQuery('Delete', undefined, undefined, options),
    '<?xml version="1.0"?><DeleteResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteResponse>',
  )
})

test('errors are XML with the code that Query clients know', () => {
  const error = new AwsError('QueueDoesNotExist', 'No <queue>.', {
    queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
  })
  assert.is(
    encodeAwsQueryError(error, 'ns', 'r-2'),
    '<?xml version="1.0"?><ErrorResponse xmlns="ns"><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>' +
      '<Message>No &lt;queue&gt;.</Message><Detail/></Error><RequestId>r-2</RequestId></ErrorResponse>',
  )
})

test.run()
