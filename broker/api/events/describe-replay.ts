import { replayArn, ruleArn } from '../../modes/bus-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { name } from './members.ts'
import { arnOfBus } from './names.ts'
import { replayAnswer } from './replay-answer.ts'

/** How far a replay is. */
export const describeReplay = awsOperation({
  name: 'DescribeReplay',
  input: { ReplayName: { ...name, required: true } },
  run({ replays }, input) {
    const record = replays.get(input.ReplayName)
    return {
      ReplayArn: replayArn(record),
      ...replayAnswer(record),
      Description: record.description,
      Destination: {
        Arn: arnOfBus(record.bus, record),
        FilterArns: record.rules.map((rule) => ruleArn({ ...record, rule })),
      },
    }
  },
})
