import { Pattern } from '../../wire/pattern.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalid } from './errors.ts'
import { pattern } from './members.ts'

const required = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'] as const

/** Whether a pattern matches an event; nothing is put anywhere. */
export const testEventPattern = awsOperation({
  name: 'TestEventPattern',
  input: { EventPattern: { ...pattern, required: true }, Event: { type: 'string', required: true } },
  run(_broker, input) {
    const compiled = Pattern.compile(input.EventPattern)
    return { Result: compiled.matches(eventIn(input.Event)) }
  },
})

function eventIn(text: string): unknown {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch {
    throw invalid('Parameter Event is not valid. Reason: Event is not valid JSON.')
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw invalid('Parameter Event is not valid. Reason: Event must be a JSON object.')
  }
  const missing = required.find((member) => !Object.hasOwn(event, member))
  if (missing !== undefined) throw invalid(`Parameter Event is not valid. Reason: ${missing} is a required argument.`)
  return event
}
