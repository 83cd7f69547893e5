import { awsOperation } from '../aws/operation.ts'
import { streamArn, streamId } from './members.ts'
import { streamOf } from './names.ts'

/** How large one record may be. */
export const updateMaxRecordSize = awsOperation({
  name: 'UpdateMaxRecordSize',
  input: {
    StreamARN: streamArn,
    StreamId: streamId,
    MaxRecordSizeInKiB: { type: 'integer', required: true, min: 1024, max: 10_240 },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    await stream.update({ recordBytesMax: input.MaxRecordSizeInKiB * 1024 })
    return undefined
  },
})
