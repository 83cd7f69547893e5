import type { Broker } from '../../broker.ts'
import type { Bus } from '../../modes/bus.ts'
import { busArn, defaultBusName, type Owner, type RuleRecord } from '../../modes/bus-record.ts'
import type { AwsContext } from '../aws/operation.ts'
import { busNotFound, invalid, notFound } from './errors.ts'

/** Who asks, as far as it shows in ARNs. */
export function ownerOf({ region, account }: AwsContext): Owner {
  return { region, account }
}

/** The name that a name or an ARN of a bus says; the default bus's when there is none. */
export function busNameOf(nameOrArn: string = defaultBusName): string {
  return /^arn:[^:]*:events:[^:]*:[^:]*:event-bus\/(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn
}

/**
 * The bus that a name or an ARN says.
 * @throws AwsError ResourceNotFoundException
 */
export function busOf(broker: Broker, nameOrArn: string | undefined): Bus {
  const name = busNameOf(nameOrArn)
  const bus = broker.buses.find(name)
  if (bus === undefined) throw busNotFound(name)
  return bus
}

/** The ARN of a bus; the default one is everybody's own. */
export function arnOfBus(name: string, owner: Owner): string {
  return busArn({ region: owner.region, account: owner.account, name })
}

/** What an ARN of EventBridge's names: its kind, and its name or names. */
export function resourceIn(arn: string): { readonly kind: string; readonly path: string } {
  const [, kind = '', path = ''] = /^arn:[^:]*:events:[^:]*:[^:]*:([a-z-]+)\/(.+)$/.exec(arn) ?? []
  return { kind, path }
}

/** A bus or a rule, by its ARN: what can have tags. */
export function taggedOf(broker: Broker, arn: string): { readonly bus: Bus; readonly rule: RuleRecord | undefined } {
  const { kind, path } = resourceIn(arn)
  if (kind === 'event-bus') return { bus: busOf(broker, path), rule: undefined }
  if (kind !== 'rule') throw invalid('Provided Arn is not valid.')
  const slash = path.lastIndexOf('/')
  const bus = broker.buses.find(slash < 0 ? defaultBusName : path.slice(0, slash))
  const name = path.slice(slash + 1)
  const rule = bus?.findRule(name)
  if (bus === undefined || rule === undefined)
    throw notFound(`Rule ${name} does not exist on EventBus ${slash < 0 ? defaultBusName : path.slice(0, slash)}.`)
  return { bus, rule }
}

const pageMax = 100

/**
 * A page of `items`, which are in the order of their names.
 * @throws AwsError ValidationException for a token that is none
 */
export function pageOf<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  { Limit = pageMax, NextToken }: { readonly Limit?: number; readonly NextToken?: string },
): { readonly page: readonly T[]; readonly next: string | undefined } {
  const after = NextToken === undefined ? undefined : Buffer.from(NextToken, 'base64url').toString()
  if (after !== undefined && Buffer.from(after).toString('base64url') !== NextToken) {
    throw invalid('Parameter NextToken is not valid.')
  }
  const rest = after === undefined ? items : items.filter((item) => nameOf(item) > after)
  const page = rest.slice(0, Limit)
  const last = page.at(-1)
  const next =
    rest.length > page.length && last !== undefined ? Buffer.from(nameOf(last)).toString('base64url') : undefined
  return { page, next }
}

/** Tags as lists have them. */
export function tagListOf(tags: Readonly<Record<string, string>>): { readonly Key: string; readonly Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

export function tagsIn(
  list: readonly { readonly Key: string; readonly Value: string }[] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]))
}
