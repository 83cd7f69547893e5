import { replayArn } from '../../modes/bus-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { name } from './members.ts'

/** Ends a replay; events that are being handed out are still handed out. */
export const cancelReplay = awsOperation({
  name: 'CancelReplay',
  input: { ReplayName: { ...name, required: true } },
  async run({ replays }, input) {
    const record = await replays.cancel(input.ReplayName)
    return { ReplayArn: replayArn(record), State: record.state }
  },
})
