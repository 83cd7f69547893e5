import { awsOperation } from '../aws/operation.ts'
import { invalidArgument } from './errors.ts'
import { streamMembers } from './members.ts'
import { streamOf } from './names.ts'
import { retentionHours, retentionMillisOf } from './retention-period.ts'

/** Keeps records less long; the period that is there already is taken too, as Terraform sends it. */
export const decreaseStreamRetentionPeriod = awsOperation({
  name: 'DecreaseStreamRetentionPeriod',
  input: { ...streamMembers, RetentionPeriodHours: { type: 'integer', required: true } },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { RetentionPeriodHours: hours } = input
    const retentionMillis = retentionMillisOf(hours)
    const existing = stream.log.settings.retentionMillis
    if (retentionMillis > existing) {
      throw invalidArgument(
        `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than existing retention period (${retentionHours(existing)} hours). Use IncreaseRetentionPeriod API.`,
      )
    }
    if (retentionMillis !== existing) await stream.update({ retentionMillis })
    return undefined
  },
})
