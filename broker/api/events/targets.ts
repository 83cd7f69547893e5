import { reservedNames } from '../../modes/bus-input.ts'
import type { RuleTarget, TargetInput } from '../../modes/bus-record.ts'
import { InputTemplate } from '../../wire/input-template.ts'
import { JsonPath } from '../../wire/json-path.ts'
import { invalid } from './errors.ts'
import type { TargetMember } from './target-members.ts'

/**
 * A target as rules keep it.
 * @throws AwsError ValidationException
 */
export function targetIn(member: TargetMember): RuleTarget {
  const { Id: id, Arn: arn, RoleArn, SqsParameters, KinesisParameters, RetryPolicy, DeadLetterConfig } = member
  const input = inputIn(member)
  const group = SqsParameters?.MessageGroupId
  const keyPath = KinesisParameters?.PartitionKeyPath
  if (keyPath !== undefined) requirePath(keyPath, 'PartitionKeyPath', id)
  const { MaximumRetryAttempts: retriesMax, MaximumEventAgeInSeconds: ageSecondsMax } = RetryPolicy ?? {}
  const http = httpIn(member)
  return {
    id,
    arn,
    ...(input === undefined ? {} : { input }),
    ...(group === undefined ? {} : { group }),
    ...(keyPath === undefined ? {} : { keyPath }),
    ...(RetryPolicy === undefined
      ? {}
      : {
          retry: {
            ...(retriesMax === undefined ? {} : { retriesMax }),
            ...(ageSecondsMax === undefined ? {} : { ageSecondsMax }),
          },
        }),
    ...(DeadLetterConfig?.Arn === undefined ? {} : { deadLetterArn: DeadLetterConfig.Arn }),
    ...(http === undefined ? {} : { http }),
    carried: RoleArn === undefined ? {} : { RoleArn },
  }
}

/** A target as ListTargetsByRule has it. */
export function targetAnswer({ id, arn, input, group, keyPath, retry, deadLetterArn, http, carried }: RuleTarget) {
  return {
    Id: id,
    Arn: arn,
    ...carried,
    ...inputAnswer(input),
    SqsParameters: group === undefined ? undefined : { MessageGroupId: group },
    KinesisParameters: keyPath === undefined ? undefined : { PartitionKeyPath: keyPath },
    RetryPolicy: retry && {
      MaximumRetryAttempts: retry.retriesMax,
      MaximumEventAgeInSeconds: retry.ageSecondsMax,
    },
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
    HttpParameters: http && {
      PathParameterValues: http.pathValues,
      HeaderParameters: http.headers,
      QueryStringParameters: http.query,
    },
  }
}

function inputIn({ Id: id, Input, InputPath, InputTransformer }: TargetMember): TargetInput | undefined {
  if ([Input, InputPath, InputTransformer].filter((each) => each !== undefined && each !== '').length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`)
  }
  if (InputTransformer !== undefined) {
    const { InputPathsMap: paths = {}, InputTemplate: template } = InputTransformer
    for (const path of Object.values(paths)) requirePath(path, 'InputPathsMap', id)
    for (const name of new InputTemplate(template).names) {
      if (Object.hasOwn(paths, name) || reservedNames.has(name)) continue
      throw invalid(`InputTemplate for target ${id} contains invalid placeholder ${name}.`)
    }
    return { kind: 'template', paths, template }
  }
  if (InputPath) {
    requirePath(InputPath, 'InputPath', id)
    return { kind: 'path', path: InputPath }
  }
  if (!Input) return undefined
  try {
    JSON.parse(Input)
  } catch {
    throw invalid(`JSON syntax error in input for target ${id}.`)
  }
  return { kind: 'constant', text: Input }
}

function inputAnswer(input: TargetInput | undefined): object {
  switch (input?.kind) {
    case 'constant':
      return { Input: input.text }
    case 'path':
      return { InputPath: input.path }
    case 'template':
      return { InputTransformer: { InputPathsMap: input.paths, InputTemplate: input.template } }
    default:
      return {}
  }
}

function httpIn({ HttpParameters }: TargetMember): RuleTarget['http'] {
  if (HttpParameters === undefined) return undefined
  const { PathParameterValues, HeaderParameters, QueryStringParameters } = HttpParameters
  return {
    ...(PathParameterValues === undefined ? {} : { pathValues: PathParameterValues }),
    ...(HeaderParameters === undefined ? {} : { headers: HeaderParameters }),
    ...(QueryStringParameters === undefined ? {} : { query: QueryStringParameters }),
  }
}

function requirePath(path: string, member: string, id: string): void {
  if (JsonPath.parse(path) === undefined) throw invalid(`Invalid JSONPath in ${member} for target ${id}: ${path}`)
}
