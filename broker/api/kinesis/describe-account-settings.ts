import { awsOperation } from '../aws/operation.ts'
import { accountSettings } from './account-settings.ts'

/** The billing commitment that was said, which has no effect here. */
export const describeAccountSettings = awsOperation({
  name: 'DescribeAccountSettings',
  input: {},
  run: (broker) => accountSettings(broker),
})
