import { MillraceError } from '../wire/errors.ts'
import type { Method, Operation } from './operation.ts'

export interface Match {
  readonly operation: Operation
  readonly params: Record<string, string>
}

interface Route {
  readonly segments: readonly string[]
  readonly operation: Operation
}

/** Finds the operation for a method and a path. */
export class Dispatch {
  readonly #routes: readonly Route[]

  constructor(operations: readonly Operation[]) {
    this.#routes = operations.map((operation) => ({ segments: operation.path.split('/'), operation }))
  }

  /**
   * @throws route_not_found, method_not_allowed, bad_request for a path that is badly encoded
   */
  find(method: string, path: string): Match {
    const segments = (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/')
    const allowed: Method[] = []
    for (const { segments: pattern, operation } of this.#routes) {
      const params = paramsOf(pattern, segments)
      if (params === undefined) continue
      if (operation.method === method) return { operation, params }
      allowed.push(operation.method)
    }
    if (allowed.length > 0) throw new MillraceError('method_not_allowed', { path, method, allowed: allowed.join(', ') })
    throw new MillraceError('route_not_found', { method, path })
  }
}

/** What stands for the names of `pattern` in `segments`; undefined when they don't match. */
function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, expected] of pattern.entries()) {
    const given = segments[i] as string
    if (expected.startsWith('{')) params[expected.slice(1, -1)] = decoded(given)
    else if (expected !== given) return undefined
  }
  return params
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw new MillraceError('bad_request', { reason: `The path segment ${segment} is not percent-encoded` }, cause)
  }
}
