/** Members that many operations of EventBridge take, as its service model has them. */

export const name = { type: 'string', min: 1, max: 64, pattern: '[\\.\\-_A-Za-z0-9]+' } as const

export const archiveName = { type: 'string', min: 1, max: 48, pattern: '[\\.\\-_A-Za-z0-9]+' } as const

export const busName = { type: 'string', min: 1, max: 256, pattern: '[/\\.\\-_A-Za-z0-9]+' } as const

/** A name, or an ARN. */
export const busNameOrArn = {
  type: 'string',
  min: 1,
  max: 1600,
  pattern: '(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+',
} as const

export const arn = { type: 'string', min: 1, max: 1600 } as const

export const eventSourceArn = {
  type: 'string',
  min: 1,
  max: 1600,
  pattern: '^arn:aws([a-z]|-)*:events:([a-z]|\\d|-)*:([0-9]{12})?:.+\\/.+$',
} as const

export const connectionArn = {
  type: 'string',
  min: 1,
  max: 1600,
  pattern: '^arn:aws([a-z]|-)*:events:([a-z]|\\d|-)*:([0-9]{12})?:connection\\/[\\.\\-_A-Za-z0-9]+\\/[\\-A-Za-z0-9]+$',
} as const

export const description = { type: 'string', max: 512 } as const

export const kmsKey = { type: 'string', max: 2048 } as const

export const pattern = { type: 'string', max: 4096 } as const

export const deadLetterConfig = { type: 'structure', members: { Arn: arn } } as const

export const logConfig = {
  type: 'structure',
  members: {
    IncludeDetail: { type: 'string', enum: ['NONE', 'FULL'] },
    Level: { type: 'string', enum: ['OFF', 'ERROR', 'INFO', 'TRACE'] },
  },
} as const

export const tagList = {
  type: 'list',
  of: {
    type: 'structure',
    members: {
      Key: { type: 'string', required: true, min: 1, max: 128 },
      Value: { type: 'string', required: true, max: 256 },
    },
  },
} as const

/** A page of a list. */
export const page = {
  NextToken: { type: 'string', min: 1, max: 2048 },
  Limit: { type: 'integer', min: 1, max: 100 },
} as const

export const httpMethod = {
  type: 'string',
  enum: ['POST', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'],
} as const

export const endpoint = {
  type: 'string',
  min: 1,
  max: 2048,
  pattern: "^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$",
} as const

export const replayState = {
  type: 'string',
  enum: ['STARTING', 'RUNNING', 'CANCELLING', 'COMPLETED', 'CANCELLED', 'FAILED'],
} as const
