import { awsOperation } from '../aws/operation.ts'
import { accountSettings, setAccountSettings } from './account-settings.ts'

/** Keeps a billing commitment, which has no effect here. */
export const updateAccountSettings = awsOperation({
  name: 'UpdateAccountSettings',
  input: {
    MinimumThroughputBillingCommitment: {
      type: 'structure',
      required: true,
      members: { Status: { type: 'string', required: true, enum: ['ENABLED', 'DISABLED'] } },
    },
  },
  async run(broker, input) {
    await setAccountSettings(broker, input.MinimumThroughputBillingCommitment.Status)
    return accountSettings(broker)
  },
})
