import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { conflict } from './errors.ts'
import { functionName, qualifier, revisionId } from './members.ts'
import { functionArn, recordOf, targetOf } from './names.ts'

/** Notes who may call a function. It is kept and told, and not enforced. */
export const addPermission = awsOperation({
  name: 'AddPermission',
  http: { method: 'POST', path: '/2015-03-31/functions/{FunctionName}/policy', status: 201 },
  input: {
    FunctionName: functionName,
    Qualifier: qualifier,
    StatementId: { type: 'string', required: true, min: 1, max: 100, pattern: '([a-zA-Z0-9-_]+)' },
    Action: { type: 'string', required: true, pattern: '(lambda:[*]|lambda:[a-zA-Z]+|[*])' },
    Principal: { type: 'string', required: true, pattern: '[^\\s]+' },
    SourceArn: { type: 'string' },
    SourceAccount: { type: 'string', max: 12, pattern: '\\d{12}' },
    EventSourceToken: { type: 'string' },
    PrincipalOrgID: { type: 'string' },
    FunctionUrlAuthType: { type: 'string', enum: ['NONE', 'AWS_IAM'] },
    InvokedViaFunctionUrl: { type: 'boolean' },
    RevisionId: revisionId,
  },
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const { name, qualifier: version = latestVersion } = target
    const statement = {
      Sid: input.StatementId,
      Effect: 'Allow' as const,
      Principal: principalIn(input.Principal),
      Action: input.Action,
      Resource: functionArn(name, context, target.qualifier),
      ...conditionIn(input),
    }
    await functions.change(name, (each) => {
      const policy = each.policies[version] ?? {}
      if (Object.hasOwn(policy, input.StatementId)) {
        throw conflict(
          `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        )
      }
      const policies = { ...each.policies, [version]: { ...policy, [input.StatementId]: statement } }
      return { ...each, policies }
    })
    return { Statement: JSON.stringify(statement) }
  },
})

function principalIn(principal: string): unknown {
  if (principal === '*') return '*'
  if (principal.includes('.amazonaws.com')) return { Service: principal }
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal }
}

function conditionIn(input: {
  readonly SourceArn?: string
  readonly SourceAccount?: string
  readonly FunctionUrlAuthType?: string
  readonly PrincipalOrgID?: string
}): { Condition?: unknown } {
  const equals = {
    ...(input.SourceAccount === undefined ? {} : { 'AWS:SourceAccount': input.SourceAccount }),
    ...(input.FunctionUrlAuthType === undefined ? {} : { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType }),
    ...(input.PrincipalOrgID === undefined ? {} : { 'aws:PrincipalOrgID': input.PrincipalOrgID }),
  }
  const like = input.SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': input.SourceArn } }
  const condition = { ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}), ...like }
  return Object.keys(condition).length > 0 ? { Condition: condition } : {}
}
