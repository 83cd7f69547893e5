import { awsOperation } from '../aws/operation.ts'
import { invalid } from './errors.ts'
import { arnOfBus, busOf } from './names.ts'

const busName = { type: 'string', min: 1, max: 256, pattern: '[\\.\\-_A-Za-z0-9]+' } as const

/** Adds a statement to the policy of a bus, or gives it a whole policy. It is kept, and not enforced. */
export const putPermission = awsOperation({
  name: 'PutPermission',
  input: {
    EventBusName: busName,
    Action: { type: 'string', min: 1, max: 64, pattern: 'events:[a-zA-Z]+' },
    Principal: { type: 'string', min: 1, max: 12, pattern: '(\\d{12}|\\*)' },
    StatementId: { type: 'string', min: 1, max: 64, pattern: '[a-zA-Z0-9_-]+' },
    Condition: {
      type: 'structure',
      members: {
        Type: { type: 'string', required: true },
        Key: { type: 'string', required: true },
        Value: { type: 'string', required: true },
      },
    },
    Policy: { type: 'string' },
  },
  async run(broker, input, context) {
    const { name } = busOf(broker, input.EventBusName)
    const { Action, Principal, StatementId, Condition, Policy } = input
    if (Policy !== undefined) {
      const policy = statementsIn(Policy)
      await broker.buses.change(name, (record) => ({ ...record, policy }))
      return undefined
    }
    if (Action === undefined || Principal === undefined || StatementId === undefined) {
      throw invalid('Action, Principal and StatementId, or else Policy, must be specified.')
    }
    const statement = {
      Sid: StatementId,
      Effect: 'Allow',
      Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
      Action,
      Resource: arnOfBus(name, context),
      ...(Condition === undefined ? {} : { Condition: { [Condition.Type]: { [Condition.Key]: Condition.Value } } }),
    }
    await broker.buses.change(name, (record) => ({ ...record, policy: { ...record.policy, [StatementId]: statement } }))
    return undefined
  },
})

function statementsIn(text: string): Readonly<Record<string, unknown>> {
  let policy: { readonly Statement?: unknown } | null
  try {
    policy = JSON.parse(text)
  } catch {
    throw invalid('Parameter Policy is not valid. Reason: it is not JSON.')
  }
  const statements = [policy?.Statement ?? []].flat() as { readonly Sid?: unknown }[]
  return Object.fromEntries(statements.map((each, i) => [typeof each?.Sid === 'string' ? each.Sid : `${i}`, each]))
}
