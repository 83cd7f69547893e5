import type { InputOf } from '../../wire/aws-shape.ts'
import { arn, name } from './members.ts'

/** A target, as PutTargets takes it. */
export const target = {
  type: 'structure',
  members: {
    Id: { ...name, required: true },
    Arn: { ...arn, required: true },
    RoleArn: arn,
    Input: { type: 'string', max: 8192 },
    InputPath: { type: 'string', max: 256 },
    InputTransformer: {
      type: 'structure',
      members: {
        InputPathsMap: { type: 'map', max: 100, keyMin: 1, keyMax: 256, of: { type: 'string', max: 256 } },
        InputTemplate: { type: 'string', required: true, min: 1, max: 8192 },
      },
    },
    KinesisParameters: {
      type: 'structure',
      members: { PartitionKeyPath: { type: 'string', required: true, max: 256 } },
    },
    SqsParameters: { type: 'structure', members: { MessageGroupId: { type: 'string', max: 100 } } },
    HttpParameters: {
      type: 'structure',
      members: {
        PathParameterValues: { type: 'list', of: { type: 'string', pattern: '^(?!\\s*$).+' } },
        HeaderParameters: { type: 'map', keyMax: 512, of: { type: 'string', max: 512 } },
        QueryStringParameters: { type: 'map', keyMax: 512, of: { type: 'string', max: 512 } },
      },
    },
    DeadLetterConfig: { type: 'structure', members: { Arn: arn } },
    RetryPolicy: {
      type: 'structure',
      members: {
        MaximumRetryAttempts: { type: 'integer', min: 0, max: 185 },
        MaximumEventAgeInSeconds: { type: 'integer', min: 60, max: 86_400 },
      },
    },
  },
} as const

export type TargetMember = InputOf<typeof target.members>
