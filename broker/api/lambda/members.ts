/** Members that many operations of Lambda take, as its service model has them. */

const namePattern =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?'

export const functionName = { type: 'string', required: true, min: 1, max: 170, pattern: namePattern } as const

export const qualifier = {
  type: 'string',
  at: 'query',
  min: 1,
  max: 128,
  pattern: '\\$(LATEST)|[a-zA-Z0-9$_-]+',
} as const

export const marker = { type: 'string', at: 'query' } as const

export const maxItems = { type: 'integer', at: 'query', min: 1, max: 10_000 } as const

export const revisionId = { type: 'string' } as const

export const description = { type: 'string', min: 0, max: 256 } as const

export const aliasName = {
  type: 'string',
  required: true,
  min: 1,
  max: 128,
  pattern: '(?!^[0-9]+$)([a-zA-Z0-9-_]+)',
} as const

export const version = { type: 'string', min: 1, max: 1024, pattern: '(\\$LATEST|[0-9]+)' } as const

export const destinationConfig = {
  type: 'structure',
  members: {
    OnSuccess: { type: 'structure', members: { Destination: { type: 'string', max: 350 } } },
    OnFailure: { type: 'structure', members: { Destination: { type: 'string', max: 350 } } },
  },
} as const

export const tags = { type: 'map', of: { type: 'string', max: 256 } } as const

/** What can be chosen about a function, in CreateFunction and UpdateFunctionConfiguration. */
export const configuration = {
  Role: { type: 'string', pattern: 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+' },
  Handler: { type: 'string', max: 128, pattern: '[^\\s]+' },
  Runtime: { type: 'string' },
  Description: description,
  Timeout: { type: 'integer', min: 1 },
  MemorySize: { type: 'integer', min: 128, max: 32_768 },
  Environment: { type: 'structure', members: { Variables: { type: 'map', of: { type: 'string' } } } },
  Layers: { type: 'list', of: { type: 'string', min: 1, max: 140 } },
  DeadLetterConfig: { type: 'structure', members: { TargetArn: { type: 'string' } } },
  TracingConfig: { type: 'structure', members: { Mode: { type: 'string', enum: ['Active', 'PassThrough'] } } },
  EphemeralStorage: {
    type: 'structure',
    members: { Size: { type: 'integer', required: true, min: 512, max: 10_240 } },
  },
  LoggingConfig: {
    type: 'structure',
    members: {
      LogFormat: { type: 'string' },
      ApplicationLogLevel: { type: 'string' },
      SystemLogLevel: { type: 'string' },
      LogGroup: { type: 'string' },
    },
  },
  VpcConfig: {
    type: 'structure',
    members: {
      SubnetIds: { type: 'list', of: { type: 'string' } },
      SecurityGroupIds: { type: 'list', of: { type: 'string' } },
      Ipv6AllowedForDualStack: { type: 'boolean' },
    },
  },
  KMSKeyArn: { type: 'string' },
  SnapStart: { type: 'structure', members: { ApplyOn: { type: 'string' } } },
} as const

/** Code of a function, in CreateFunction's Code and in UpdateFunctionCode. */
export const codeMembers = {
  ZipFile: { type: 'blob' },
  S3Bucket: { type: 'string' },
  S3Key: { type: 'string' },
  S3ObjectVersion: { type: 'string' },
  ImageUri: { type: 'string' },
} as const
