import { awsOperation } from '../aws/operation.ts'
import { invalid, notFound } from './errors.ts'
import { busOf } from './names.ts'

/** Removes a statement from the policy of a bus, or all of them. */
export const removePermission = awsOperation({
  name: 'RemovePermission',
  input: {
    StatementId: { type: 'string', min: 1, max: 64, pattern: '[a-zA-Z0-9_-]+' },
    RemoveAllPermissions: { type: 'boolean' },
    EventBusName: { type: 'string', min: 1, max: 256, pattern: '[\\.\\-_A-Za-z0-9]+' },
  },
  async run(broker, input) {
    const { name, record } = busOf(broker, input.EventBusName)
    const { StatementId: id, RemoveAllPermissions: all = false } = input
    if (!all && id === undefined) throw invalid('Parameter StatementId is required.')
    if (Object.keys(record.policy).length === 0) {
      if (all) return undefined
      throw notFound('EventBus does not have a policy.')
    }
    if (!all && !Object.hasOwn(record.policy, id ?? '')) {
      throw notFound('Statement with the provided id does not exist.')
    }
    await broker.buses.change(name, (current) => {
      const left = all ? [] : Object.entries(current.policy).filter(([sid]) => sid !== id)
      return { ...current, policy: Object.fromEntries(left) }
    })
    return undefined
  },
})
