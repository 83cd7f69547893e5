import type { Broker } from '../../broker.ts'
import type { SocketApi } from '../../modes/socket-apis.ts'
import type { InputOf, Members } from '../../wire/aws-shape.ts'
import type { AwsOperation } from '../aws/operation.ts'
import { apiOf, changeApi } from './api-description.ts'
import { conflict, notFound, tooMany } from './errors.ts'
import { apiId, page } from './members.ts'

/** What an operation knows besides its input. */
export interface PartContext {
  readonly api: SocketApi
  /** Those of the kind that are there. */
  readonly parts: Readonly<Record<string, unknown>>
  readonly now: number
}

/**
 * One kind of parts of an API, such as its routes. API Gateway has the same five operations for each; here they are made from what differs.
 */
export interface PartKind<P, M extends Members> {
  /** As operations are named for it: `Route`; the list is that of `Routes`. */
  readonly name: string
  /** In paths, below that of the API: `routes`, `routes/{routeId}/routeresponses`. */
  readonly path: string
  /** The member that names one: `routeId`. */
  readonly id: string
  /** As errors call it. */
  readonly title: string
  readonly create: M
  readonly update: Members
  /** The answer of an update: API Gateway says 201 for routes. */
  readonly updateStatus?: number
  readonly partsMax: (limits: { socketApiPartsMax: number; socketApiStagesMax: number }) => number
  /** @throws NotFoundException when what it is a part of is not there */
  readonly in: (api: SocketApi, input: PartInput) => Readonly<Record<string, P>>
  readonly with: (api: SocketApi, parts: Readonly<Record<string, P>>, input: PartInput) => SocketApi
  /** A new one, with the id it goes by. @throws BadRequestException */
  readonly make: (input: InputOf<M>, context: PartContext) => readonly [string, P]
  /** What else making it changes of the API. */
  readonly also?: (api: SocketApi, input: InputOf<M>, part: P) => SocketApi
  /** The changed one; `input` has only what is to change. @throws BadRequestException */
  readonly change: (part: P, input: never, context: PartContext) => P
  /** @throws BadRequestException when others need it */
  readonly requireUnused?: (api: SocketApi, id: string) => void
  readonly describe: (part: P) => object
}

/** What every operation on a part is handed; the table of its kind says what else. */
export interface PartInput {
  readonly apiId: string
  readonly [member: string]: unknown
}

/** An operation whose table is put together from a kind's. */
interface PartOperation extends Pick<AwsOperation, 'name' | 'http' | 'input'> {
  run(broker: Broker, input: PartInput): Promise<object | undefined> | object
}

/** The operations for a kind of parts: create, get, list, update and delete. */
export function partOperations<P, M extends Members>(kind: PartKind<P, M>): AwsOperation[] {
  const operations: PartOperation[] = [creating(kind), getting(kind), listing(kind), updating(kind), deleting(kind)]
  return operations as unknown as AwsOperation[]
}

function creating<P, M extends Members>(kind: PartKind<P, M>): PartOperation {
  return {
    name: `Create${kind.name}`,
    http: { method: 'POST', path: pathOf(kind), status: 201 },
    input: { ...above(kind), ...kind.create },
    async run({ socketApis, clock, limits }, input) {
      const said = input as unknown as InputOf<M>
      let made: P | undefined
      await changeApi(socketApis, input.apiId, (api) => {
        const parts = kind.in(api, input)
        const [id, part] = kind.make(said, { api, parts, now: clock.now() })
        if (Object.hasOwn(parts, id)) throw conflict(`${kind.title} already exists`)
        const limit = kind.partsMax(limits)
        if (Object.keys(parts).length >= limit) throw tooMany(`An API has at most ${limit} of these: ${kind.path}`)
        made = part
        const whole = kind.with(api, { ...parts, [id]: part }, input)
        return kind.also?.(whole, said, part) ?? whole
      })
      return kind.describe(made as P)
    },
  }
}

function getting<P, M extends Members>(kind: PartKind<P, M>): PartOperation {
  return {
    name: `Get${kind.name}`,
    http: { method: 'GET', path: pathOfOne(kind) },
    input: named(kind),
    run: ({ socketApis }, input) => kind.describe(partOf(kind, apiOf(socketApis, input.apiId), input)),
  }
}

function listing<P, M extends Members>(kind: PartKind<P, M>): PartOperation {
  return {
    name: `Get${kind.name}s`,
    http: { method: 'GET', path: pathOf(kind) },
    input: { ...above(kind), ...page },
    run: ({ socketApis }, input) => ({
      items: Object.values(kind.in(apiOf(socketApis, input.apiId), input)).map(kind.describe),
    }),
  }
}

function updating<P, M extends Members>(kind: PartKind<P, M>): PartOperation {
  return {
    name: `Update${kind.name}`,
    http: { method: 'PATCH', path: pathOfOne(kind), status: kind.updateStatus ?? 200 },
    input: { ...named(kind), ...kind.update },
    async run({ socketApis, clock }, input) {
      const id = idOf(kind, input)
      const api = await changeApi(socketApis, input.apiId, (each) => {
        const part = partOf(kind, each, input)
        const changed = kind.change(part, input as never, { api: each, parts: kind.in(each, input), now: clock.now() })
        return kind.with(each, { ...kind.in(each, input), [id]: changed }, input)
      })
      return kind.describe(partOf(kind, api, input))
    },
  }
}

function deleting<P, M extends Members>(kind: PartKind<P, M>): PartOperation {
  return {
    name: `Delete${kind.name}`,
    http: { method: 'DELETE', path: pathOfOne(kind), status: 204 },
    input: named(kind),
    async run({ socketApis }, input) {
      const id = idOf(kind, input)
      await changeApi(socketApis, input.apiId, (api) => {
        partOf(kind, api, input)
        kind.requireUnused?.(api, id)
        const left = Object.entries(kind.in(api, input)).filter(([each]) => each !== id)
        return kind.with(api, Object.fromEntries(left), input)
      })
      return undefined
    },
  }
}

type Named = Pick<PartKind<unknown, Members>, 'id' | 'path'>

function pathOf({ path }: Named): string {
  return `/v2/apis/{apiId}/${path}`
}

function pathOfOne(kind: Named): string {
  return `${pathOf(kind)}/{${kind.id}}`
}

function named(kind: Named): Members {
  return { ...above(kind), [kind.id]: { type: 'string', required: true } }
}

/** What names the API, and whatever else of it a part is a part of. */
function above({ path }: Named): Members & { readonly apiId: typeof apiId } {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, { type: 'string', required: true }])
  return { apiId, ...Object.fromEntries(names) }
}

function idOf({ id }: Named, input: PartInput): string {
  return String(input[id])
}

/** @throws NotFoundException */
function partOf<P, M extends Members>(kind: PartKind<P, M>, api: SocketApi, input: PartInput): P {
  const id = idOf(kind, input)
  const parts = kind.in(api, input)
  const part = Object.hasOwn(parts, id) ? parts[id] : undefined
  if (part === undefined) throw notFound(kind.title)
  return part
}

/** What was said of some members, without those that were not sent. */
export function said<I extends object, K extends keyof I>(input: I, ...names: readonly K[]): Pick<I, K> {
  return Object.fromEntries(names.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]]))) as Pick<
    I,
    K
  >
}
