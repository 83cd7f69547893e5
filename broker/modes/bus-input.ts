import { InputTemplate } from '../wire/input-template.ts'
import { JsonPath } from '../wire/json-path.ts'
import { type BusEvent, timeText } from './bus-event.ts'
import { type RuleRecord, ruleArn, type TargetInput } from './bus-record.ts'

/** Names of a template that stand for something by themselves. */
export const reservedNames: ReadonlySet<string> = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
])

/** What a target gets of an event, made ready once: the event itself, or what its rule says instead. */
export type Shaping = (event: BusEvent, rule: RuleRecord) => string

export function shapingOf(input: TargetInput | undefined): Shaping {
  if (input === undefined) return ({ text }) => text
  if (input.kind === 'constant') return () => input.text
  if (input.kind === 'path') {
    const path = JsonPath.parse(input.path)
    return ({ value }) => JSON.stringify(path?.find(value) ?? null)
  }
  const template = new InputTemplate(input.template)
  const paths = new Map(Object.entries(input.paths).map(([name, path]) => [name, JsonPath.parse(path)]))
  return (event, rule) =>
    template.fill((name) => (paths.has(name) ? paths.get(name)?.find(event.value) : reserved(name, event, rule)))
}

function reserved(name: string, event: BusEvent, rule: RuleRecord): unknown {
  switch (name) {
    case 'aws.events.rule-arn':
      return ruleArn(rule)
    case 'aws.events.rule-name':
      return rule.rule
    case 'aws.events.event.ingestion-time':
      return timeText(event.ingestedAt)
    case 'aws.events.event.json':
      return event.value
    case 'aws.events.event': {
      const { detail: _, ...rest } = event.value
      return rest
    }
    default:
      return undefined
  }
}

/**
 * The partition key of an event by a path: JSON of what is there, `{}` when there is nothing; without a path, one that no other event
 * has.
 */
export function partitionKey(event: BusEvent, path: JsonPath | undefined): string {
  if (path === undefined) return `eventId_${event.id}`
  return JSON.stringify(path.find(event.value) ?? {})
}
