import { type RuleRecord, ruleArn } from '../../modes/bus-record.ts'

/** What the lists, and the descriptions, tell of a rule. */
export function ruleAnswer(record: RuleRecord): object {
  return {
    Name: record.rule,
    Arn: ruleArn(record),
    EventPattern: record.pattern,
    State: record.enabled ? 'ENABLED' : 'DISABLED',
    Description: record.description,
    ScheduleExpression: record.schedule,
    RoleArn: record.roleArn,
    EventBusName: record.bus,
  }
}
