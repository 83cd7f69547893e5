/** Members that many operations of EventBridge Scheduler take, as its service model has them. */

const namePattern = '[0-9a-zA-Z-_.]+'

export const name = { type: 'string', required: true, min: 1, max: 64, pattern: namePattern } as const

export const groupName = { type: 'string', min: 1, max: 64, pattern: namePattern } as const

export const clientToken = { type: 'string', min: 1, max: 64, pattern: '[a-zA-Z0-9-_]+' } as const

export const namePrefix = { type: 'string', at: 'query', min: 1, max: 64, pattern: namePattern } as const

export const maxResults = { type: 'integer', at: 'query', min: 1, max: 100 } as const

export const nextToken = { type: 'string', at: 'query', min: 1, max: 2048 } as const

export const state = { type: 'string', enum: ['ENABLED', 'DISABLED'] } as const

export const resourceArn = {
  type: 'string',
  required: true,
  min: 1,
  max: 1011,
  pattern: 'arn:aws(-[a-z]+)?:scheduler:[a-z0-9\\-]+:\\d{12}:schedule-group\\/[0-9a-zA-Z-_.]+',
} as const

const tag = {
  type: 'structure',
  members: {
    Key: { type: 'string', required: true, min: 1, max: 128 },
    Value: { type: 'string', required: true, min: 1, max: 256 },
  },
} as const

export const tags = { type: 'list', of: tag, min: 0, max: 200 } as const

const target = {
  type: 'structure',
  required: true,
  members: {
    Arn: { type: 'string', required: true, min: 1, max: 1600 },
    RoleArn: {
      type: 'string',
      required: true,
      min: 1,
      max: 1600,
      pattern: 'arn:aws(-[a-z]+)?:iam::\\d{12}:role\\/[\\w+=,.@\\/-]+',
    },
    DeadLetterConfig: {
      type: 'structure',
      members: {
        Arn: {
          type: 'string',
          min: 1,
          max: 1600,
          pattern: 'arn:aws(-[a-z]+)?:sqs:[a-z0-9\\-]+:\\d{12}:[a-zA-Z0-9\\-_]+',
        },
      },
    },
    RetryPolicy: {
      type: 'structure',
      members: {
        MaximumEventAgeInSeconds: { type: 'integer', min: 60, max: 86_400 },
        MaximumRetryAttempts: { type: 'integer', min: 0, max: 185 },
      },
    },
    Input: { type: 'string', min: 1 },
    EventBridgeParameters: {
      type: 'structure',
      members: {
        DetailType: { type: 'string', required: true, min: 1, max: 128 },
        Source: {
          type: 'string',
          required: true,
          min: 1,
          max: 256,
          pattern: '(?=[/\\.\\-_A-Za-z0-9]+)((?!aws\\.).*)|(\\$(\\.[\\w_-]+(\\[(\\d+|\\*)\\])*)*)',
        },
      },
    },
    KinesisParameters: {
      type: 'structure',
      members: { PartitionKey: { type: 'string', required: true, min: 1, max: 256 } },
    },
    SqsParameters: {
      type: 'structure',
      members: { MessageGroupId: { type: 'string', min: 1, max: 128 } },
    },
  },
} as const

/** What CreateSchedule and UpdateSchedule take. */
export const scheduleMembers = {
  Name: name,
  GroupName: groupName,
  ScheduleExpression: { type: 'string', required: true, min: 1, max: 256 },
  ScheduleExpressionTimezone: { type: 'string', min: 1, max: 50 },
  StartDate: { type: 'timestamp' },
  EndDate: { type: 'timestamp' },
  Description: { type: 'string', min: 0, max: 512 },
  State: state,
  KmsKeyArn: {
    type: 'string',
    min: 1,
    max: 2048,
    pattern: 'arn:aws(-[a-z]+)?:kms:[a-z0-9\\-]+:\\d{12}:(key|alias)\\/[0-9a-zA-Z-_]*',
  },
  Target: target,
  FlexibleTimeWindow: {
    type: 'structure',
    required: true,
    members: {
      Mode: { type: 'string', required: true, enum: ['OFF', 'FLEXIBLE'] },
      MaximumWindowInMinutes: { type: 'integer', min: 1, max: 1440 },
    },
  },
  ActionAfterCompletion: { type: 'string', enum: ['NONE', 'DELETE'] },
  ClientToken: clientToken,
} as const
