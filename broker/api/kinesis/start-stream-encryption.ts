import { awsOperation } from '../aws/operation.ts'
import { invalidArgument } from './errors.ts'
import { encryptionType, streamMembers } from './members.ts'
import { streamOf } from './names.ts'

/** Says from now on that records are encrypted with a key; nothing is. */
export const startStreamEncryption = awsOperation({
  name: 'StartStreamEncryption',
  input: {
    ...streamMembers,
    EncryptionType: { ...encryptionType, required: true },
    KeyId: { type: 'string', required: true, min: 1, max: 2048 },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    if (input.EncryptionType !== 'KMS') throw invalidArgument('EncryptionType must be KMS.')
    await stream.profile.change((profile) => ({ ...profile, keyId: input.KeyId }))
    return undefined
  },
})
