import { awsOperation } from '../aws/operation.ts'
import { required } from './members.ts'
import { topicAt } from './names.ts'

/** The policy as it was put; nothing is looked for in messages here. */
export const getDataProtectionPolicy = awsOperation({
  name: 'GetDataProtectionPolicy',
  input: { ResourceArn: required },
  run: (broker, { ResourceArn }) => ({
    DataProtectionPolicy:
      topicAt(broker, ResourceArn, 'ResourceArn').record.settings.kept['DataProtectionPolicy'] ?? '',
  }),
})
