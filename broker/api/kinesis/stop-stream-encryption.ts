import { awsOperation } from '../aws/operation.ts'
import { encryptionType, streamMembers } from './members.ts'
import { streamOf } from './names.ts'

/** Says no longer that records are encrypted. */
export const stopStreamEncryption = awsOperation({
  name: 'StopStreamEncryption',
  input: {
    ...streamMembers,
    EncryptionType: { ...encryptionType, required: true },
    KeyId: { type: 'string', required: true, min: 1, max: 2048 },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    await stream.profile.change((profile) => ({ ...profile, keyId: undefined }))
    return undefined
  },
})
