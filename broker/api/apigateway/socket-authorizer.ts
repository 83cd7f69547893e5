/** Where an identity is, in the request that connects. */
export interface IdentityPlace {
  readonly kind: 'header' | 'querystring' | 'stageVariables'
  readonly name: string
}

/** What an identity source means; undefined when it is none that is known here. */
export function identityPlace(source: string): IdentityPlace | undefined {
  const [, kind, name] =
    /^(?:route\.request\.(header|querystring)|stageVariables)\.([A-Za-z0-9_.-]+)$/.exec(source) ?? []
  if (name === undefined) return undefined
  return { kind: (kind ?? 'stageVariables') as IdentityPlace['kind'], name }
}

/** Who connected, as all later events tell it: what the authorizer said, in text. */
export type AuthorizerContext = Readonly<Record<string, string>>

/**
 * What an authorizer's answer comes to: the context of who is let in, `denied`, or `invalid` when it is no such answer (Lambda authorizers:
 * `{principalId, policyDocument, context}`).
 */
export function authorized(answer: object, methodArn: string): AuthorizerContext | 'denied' | 'invalid' {
  const {
    principalId,
    policyDocument,
    context = {},
  } = answer as {
    principalId?: unknown
    policyDocument?: { Statement?: unknown }
    context?: unknown
  }
  const statements = [policyDocument?.Statement ?? []].flat()
  if (typeof principalId !== 'string' || statements.length === 0) return 'invalid'
  const effects = statements
    .filter((each) => applies(each, methodArn))
    .map((each) => (each as { Effect: unknown }).Effect)
  if (!effects.includes('Allow') || effects.includes('Deny')) return 'denied'
  const entries = Object.entries(typeof context === 'object' && context !== null ? context : {})
  if (entries.some(([, value]) => typeof value === 'object' && value !== null)) return 'invalid'
  const texts = entries.filter(([, value]) => value !== null).map(([key, value]) => [key, String(value)])
  return { ...Object.fromEntries(texts), principalId }
}

function applies(statement: unknown, methodArn: string): boolean {
  if (typeof statement !== 'object' || statement === null) return false
  const { Action, Resource } = statement as { Action?: unknown; Resource?: unknown }
  return matchesAny(Action, 'execute-api:Invoke') && matchesAny(Resource, methodArn)
}

/** Whether `text` is what one of some patterns of IAM's means: `*` is anything, `?` any character. */
function matchesAny(patterns: unknown, text: string): boolean {
  return [patterns].flat().some((pattern) => {
    if (typeof pattern !== 'string') return false
    const expression = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')
    return new RegExp(`^${expression}$`, 's').test(text)
  })
}
