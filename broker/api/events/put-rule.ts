import { defaultBusName, ruleArn } from '../../modes/bus-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalid } from './errors.ts'
import { arn, busNameOrArn, description, name, pattern, tagList } from './members.ts'
import { busOf, ownerOf, tagsIn } from './names.ts'

/** Makes a rule, or says all of one anew: what is left out is gone, but for its targets and its tags. */
export const putRule = awsOperation({
  name: 'PutRule',
  input: {
    Name: { ...name, required: true },
    ScheduleExpression: { type: 'string', max: 256 },
    EventPattern: pattern,
    State: { type: 'string', enum: ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] },
    Description: description,
    RoleArn: arn,
    Tags: tagList,
    EventBusName: busNameOrArn,
  },
  async run(broker, input, context) {
    const bus = busOf(broker, input.EventBusName)
    const { Name, EventPattern, ScheduleExpression, Description, RoleArn, State } = input
    if (!EventPattern && !ScheduleExpression) {
      throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.')
    }
    if (ScheduleExpression && bus.name !== defaultBusName) {
      throw invalid('ScheduleExpression is supported only on the default event bus.')
    }
    const { rules } = broker.buses
    if (ScheduleExpression && !rules.isSchedule(ScheduleExpression)) {
      throw invalid('Parameter ScheduleExpression is not valid.')
    }
    const settings = {
      enabled: State !== 'DISABLED',
      tags: tagsIn(input.Tags),
      ...(EventPattern ? { pattern: EventPattern } : {}),
      ...(ScheduleExpression ? { schedule: ScheduleExpression } : {}),
      ...(Description === undefined ? {} : { description: Description }),
      ...(RoleArn === undefined ? {} : { roleArn: RoleArn }),
    }
    return { RuleArn: ruleArn(await rules.put(bus.name, Name, settings, ownerOf(context))) }
  },
})
