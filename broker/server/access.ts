import type { May } from '../api/operation.ts'
import { MillraceError } from '../wire/errors.ts'

/** What whoever calls may do. */
export interface Access {
  /**
   * What of reading and writing an operation may do for this caller.
   * @throws forbidden when it may not be called
   */
  require(operation: OperationName, params: Readonly<Record<string, string>>): May
}

export interface OperationName {
  readonly method: string
  readonly path: string
}

const all: May = { read: true, write: true }

/** Of those who may do everything. */
export const fullAccess: Access = { require: () => all }

type Need = 'nothing' | 'read' | 'write' | 'either'

/**
 * What a token with grants can be good for, and which grant that takes; everything else wants the broker's own token. Checkpoints are
 * left out: who may read a stream may not move the positions of others.
 */
const needs: Readonly<Record<string, Need>> = {
  'GET /v1': 'nothing',
  'GET /v1/streams/{stream}': 'either',
  'GET /v1/streams/{stream}/records': 'read',
  'GET /v1/streams/{stream}/events': 'read',
  'POST /v1/streams/{stream}/subscribe': 'read',
  'POST /v1/streams/{stream}/records': 'write',
  'POST /v1/streams/{stream}/append': 'write',
  'GET /v1/queues/{queue}': 'either',
  'POST /v1/queues/{queue}/messages': 'write',
  'POST /v1/queues/{queue}/receive': 'read',
  'POST /v1/queues/{queue}/settle': 'read',
  'POST /v1/queues/{queue}/session': 'either',
  'GET /v1/topics/{topic}': 'either',
  'POST /v1/topics/{topic}/listen': 'read',
  'POST /v1/topics/{topic}/messages': 'write',
  'GET /v1/buses/{bus}': 'either',
  'POST /v1/buses/{bus}/subscribe': 'read',
  'POST /v1/buses/{bus}/events': 'write',
}

interface Rule {
  readonly right: 'read' | 'write'
  readonly pattern: RegExp
}

/** What a token with grants may do: read and write what its rules name, and nothing else. */
export class Grant implements Access {
  readonly #rules: readonly Rule[]

  /**
   * `rules` such as `read:streams/flights`, `write:queues/jobs-*`.
   * @throws invalid_field
   */
  constructor(rules: readonly string[]) {
    if (rules.length === 0) throw invalid('grants nothing')
    this.#rules = rules.map(ruleIn)
  }

  require({ method, path }: OperationName, params: Readonly<Record<string, string>>): May {
    const need = needs[`${method} ${path}`]
    const resource = `${path.split('/')[2]}/${Object.values(params)[0]}`
    const may = { read: this.#has('read', resource), write: this.#has('write', resource) }
    if (need === 'nothing' || (need === 'either' && (may.read || may.write))) return may
    if ((need === 'read' || need === 'write') && may[need]) return may
    const what = need === undefined ? `call ${method} ${path}` : `${need === 'either' ? 'read' : need} ${resource}`
    throw new MillraceError('forbidden', { what })
  }

  #has(right: 'read' | 'write', resource: string): boolean {
    return this.#rules.some((rule) => rule.right === right && rule.pattern.test(resource))
  }
}

function ruleIn(text: string): Rule {
  const [, right, resource] = /^(read|write):((?:streams|queues|topics|buses)\/[A-Za-z0-9_.*-]+)$/.exec(text) ?? []
  if (right === undefined || resource === undefined) {
    throw invalid(`has the rule ${text}; rules are such as read:streams/flights or write:queues/jobs-*`)
  }
  // Each star is any part of a name; the names that are left have one sign that means more in a pattern, the dot.
  const pattern = resource.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*')
  return { right: right as 'read' | 'write', pattern: new RegExp(`^${pattern}$`) }
}

function invalid(reason: string): MillraceError {
  return new MillraceError('invalid_field', { field: 'grant', reason })
}
