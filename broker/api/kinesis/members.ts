/** Members that many operations of Kinesis take, as its service model has them. */

export const streamName = { type: 'string', min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' } as const

export const consumerName = streamName

export const streamArn = {
  type: 'string',
  min: 1,
  max: 2048,
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+',
} as const

export const resourceArn = {
  type: 'string',
  min: 1,
  max: 2048,
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+',
} as const

export const consumerArn = {
  type: 'string',
  min: 1,
  max: 2048,
  pattern: '^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+',
} as const

export const streamId = { type: 'string', min: 1, max: 24, pattern: '[a-z0-9]{20}-[a-z0-9]{3}' } as const

/** How an operation is told which stream: by name or by ARN. */
export const streamMembers = { StreamName: streamName, StreamARN: streamArn, StreamId: streamId } as const

export const shardId = { type: 'string', min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' } as const

export const hashKey = { type: 'string', pattern: '0|([1-9]\\d{0,38})' } as const

export const sequenceNumber = { type: 'string', pattern: '0|([1-9]\\d{0,128})' } as const

export const nextToken = { type: 'string', min: 1, max: 1_048_576 } as const

export const tagMap = {
  type: 'map',
  min: 1,
  max: 200,
  keyMin: 1,
  keyMax: 128,
  of: { type: 'string', max: 256 },
} as const

export const tagKeys = { type: 'list', min: 1, max: 50, of: { type: 'string', min: 1, max: 128 } } as const

export const iteratorType = {
  type: 'string',
  enum: ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'],
} as const

export const streamModeDetails = {
  type: 'structure',
  members: { StreamMode: { type: 'string', required: true, enum: ['PROVISIONED', 'ON_DEMAND'] } },
} as const

export const encryptionType = { type: 'string', enum: ['NONE', 'KMS'] } as const
