import type { RuleStatus } from '../../modes/bus.ts'
import { reservedNames } from '../../modes/bus-input.ts'
import type { RuleRecord, RuleTarget, TargetInput } from '../../modes/bus-record.ts'
import { placeOf } from '../../modes/bus-target.ts'
import type { EventInput, EventTarget, RuleDescription, RuleTargetSettings } from '../../wire/bus-description.ts'
import { InputTemplate } from '../../wire/input-template.ts'
import { JsonPath } from '../../wire/json-path.ts'
import { Fields } from '../fields.ts'
import { nativeOwner } from './bus-fields.ts'

const { region, account } = nativeOwner
const idMax = 64

/** Reads a target of a rule: see RuleTargetSettings. */
export function ruleTargetIn(value: unknown, where: string, inputBytesMax: number): RuleTarget {
  const fields = new Fields(value, where)
  const target = new Fields(fields.required('target', fields.raw('target')), `${where}target.`)
  const { arn, name } = arnIn(target)
  const id = fields.name('id') ?? name.replace(/[^.\-_A-Za-z0-9]/g, '-').slice(0, idMax)
  if (id.length > idMax) throw fields.invalid('id', `must have at most ${idMax} characters`)
  const input = inputIn(fields, where, inputBytesMax)
  const group = fields.string('group')
  const keyPath = fields.string('keyPath')
  const deadLetter = fields.name('deadLetter')
  const retry = retryIn(fields, where)
  fields.done()
  if (keyPath !== undefined && JsonPath.parse(keyPath) === undefined) throw fields.invalid('keyPath', 'is no JSON path')
  return {
    id,
    arn,
    ...(input === undefined ? {} : { input }),
    ...(group === undefined ? {} : { group }),
    ...(keyPath === undefined ? {} : { keyPath }),
    ...(retry === undefined ? {} : { retry }),
    ...(deadLetter === undefined ? {} : { deadLetterArn: `arn:aws:sqs:${region}:${account}:${deadLetter}` }),
    carried: {},
  }
}

/** What makes an ARN of each kind of target, by the field that names it. */
const arns: Readonly<Record<string, (name: string) => string>> = {
  queue: (name) => `arn:aws:sqs:${region}:${account}:${name}`,
  stream: (name) => `arn:aws:kinesis:${region}:${account}:stream/${name}`,
  function: (name) => `arn:aws:lambda:${region}:${account}:function:${name}`,
  topic: (name) => `arn:aws:sns:${region}:${account}:${name}`,
  bus: (name) => `arn:aws:events:${region}:${account}:event-bus/${name}`,
  destination: (name) => `arn:aws:events:${region}:${account}:api-destination/${name}/native`,
}

function arnIn(fields: Fields): { readonly arn: string; readonly name: string } {
  const qualifier = fields.string('qualifier')
  const url = fields.string('http')
  const named = Object.keys(arns).flatMap((kind) => {
    const name = fields.name(kind)
    return name === undefined ? [] : [{ kind, name }]
  })
  fields.done()
  const [first] = named
  if (named.length + (url === undefined ? 0 : 1) !== 1) {
    throw fields.invalid('', `must have one of ${Object.keys(arns).join(', ')} and http`)
  }
  if (first === undefined) {
    const place = placeOf(url ?? '')
    if (place?.kind !== 'http') throw fields.invalid('http', 'must be an http or https URL')
    return { arn: place.url, name: `http-${new URL(place.url).hostname}` }
  }
  const arn = arns[first.kind]?.(first.name) ?? ''
  return { arn: qualifier === undefined ? arn : `${arn}:${qualifier}`, name: `${first.kind}-${first.name}` }
}

function inputIn(fields: Fields, where: string, bytesMax: number): TargetInput | undefined {
  const value = fields.raw('input')
  if (value === undefined) return undefined
  const input = new Fields(value, `${where}input.`)
  const text = input.string('text')
  const path = input.string('path')
  const template = input.string('template')
  const paths = input.strings('paths') ?? {}
  input.done()
  if ([text, path, template].filter((each) => each !== undefined).length !== 1) {
    throw fields.invalid('input', 'must have one of text, path and template')
  }
  if (Buffer.byteLength(text ?? template ?? '') > bytesMax)
    throw fields.invalid('input', `must have at most ${bytesMax} bytes`)
  for (const each of [...Object.values(paths), ...(path === undefined ? [] : [path])]) {
    if (JsonPath.parse(each) === undefined) throw fields.invalid('input', `has ${each}, which is no JSON path`)
  }
  if (text !== undefined) return { kind: 'constant', text }
  if (path !== undefined) return { kind: 'path', path }
  const unknown = [...new InputTemplate(template ?? '').names].find(
    (name) => !Object.hasOwn(paths, name) && !reservedNames.has(name),
  )
  if (unknown !== undefined) throw fields.invalid('input', `has <${unknown}>, which is none of its paths`)
  return { kind: 'template', paths, template: template ?? '' }
}

function retryIn(fields: Fields, where: string): RuleTarget['retry'] {
  const value = fields.raw('retry')
  if (value === undefined) return undefined
  const retry = new Fields(value, `${where}retry.`)
  const retriesMax = retry.integer('retriesMax', { min: 0, max: 185 })
  const ageSecondsMax = retry.integer('ageSecondsMax', { min: 60, max: 86_400 })
  retry.done()
  return {
    ...(retriesMax === undefined ? {} : { retriesMax }),
    ...(ageSecondsMax === undefined ? {} : { ageSecondsMax }),
  }
}

/** A rule, and how it fares. */
export function describeRule(record: RuleRecord, status: RuleStatus): RuleDescription {
  const { rule, description, pattern, schedule, enabled, targets } = record
  return {
    rule,
    ...(description === undefined ? {} : { description }),
    ...(pattern === undefined ? {} : { pattern: JSON.parse(pattern) }),
    ...(schedule === undefined ? {} : { schedule }),
    enabled,
    targets: targets.map(describeTarget),
    ...status,
  }
}

function describeTarget(target: RuleTarget): RuleTargetSettings & { readonly id: string } {
  const { id, arn, input, group, keyPath, deadLetterArn, retry } = target
  const deadLetter = deadLetterArn === undefined ? undefined : placeOf(deadLetterArn)
  return {
    id,
    target: targetOf(arn),
    ...(input === undefined ? {} : { input: describeInput(input) }),
    ...(group === undefined ? {} : { group }),
    ...(keyPath === undefined ? {} : { keyPath }),
    ...(deadLetter?.kind === 'queue' ? { deadLetter: deadLetter.name } : {}),
    ...(retry === undefined ? {} : { retry }),
  }
}

function targetOf(arn: string): EventTarget {
  const place = placeOf(arn)
  switch (place?.kind) {
    case 'queue':
      return { queue: place.name }
    case 'stream':
      return { stream: place.name }
    case 'bus':
      return { bus: place.name }
    case 'destination':
      return { destination: place.name }
    case 'topic':
      return { topic: arn.slice(arn.lastIndexOf(':') + 1) }
    case 'function': {
      const { name, qualifier } = place
      return { function: name, ...(qualifier === undefined ? {} : { qualifier }) }
    }
    default:
      return { http: arn }
  }
}

function describeInput(input: TargetInput): EventInput {
  if (input.kind === 'constant') return { text: input.text }
  return input.kind === 'path' ? { path: input.path } : { template: input.template, paths: input.paths }
}
