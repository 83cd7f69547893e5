import type { SocketIntegration } from '../../modes/socket-apis.ts'
import { JsonPath } from '../../wire/json-path.ts'
import { jsonIn, MappingTemplate, type TemplateScope } from './mapping-template.ts'
import type { SocketEvent } from './socket-event.ts'

/** What an integration sends for what a client did. */
export interface IntegrationRequest {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
}

/** The parameters of requests that can be set, such as `integration.request.header.Content-Type`. */
export const parameterPattern = /^integration\.request\.(header|querystring|path)\.([A-Za-z0-9_.$-]+)$/

/**
 * The request of an integration: its body by the integration's template, or the message as it is; its headers and query by the integration's parameters.
 * @throws SyntaxError, URIError when a template cannot be filled from this message
 */
export function requestFor(integration: SocketIntegration, event: SocketEvent): IntegrationRequest {
  const scope = scopeOf(event)
  const template = chosen(integration.requestTemplates, integration.templateSelectionExpression, scope)
  const request = { headers: {} as Record<string, string>, query: {} as Record<string, string> }
  for (const [parameter, expression] of Object.entries(integration.requestParameters ?? {})) {
    const [, place, name = ''] = parameterPattern.exec(parameter) ?? []
    const value = parameterValue(expression, event, scope)
    if (value === undefined) continue
    if (place === 'header') request.headers[name.toLowerCase()] = value
    else if (place === 'querystring') request.query[name] = value
  }
  return { ...request, body: template?.fill(scope) ?? scope.body }
}

/** The address of an endpoint, with its `{names}` and `${stageVariables.names}` filled in. */
export function addressFor(
  url: string,
  { requestParameters = {} }: SocketIntegration,
  event: SocketEvent,
  query: Readonly<Record<string, string>>,
): string {
  const scope = scopeOf(event)
  const variables = url.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => scope.stageVariables[name] ?? '')
  const filled = variables.replace(/\{([A-Za-z0-9_.$-]+)\}/g, (_, name: string) => {
    const expression = requestParameters[`integration.request.path.${name}`]
    return encodeURIComponent(expression === undefined ? '' : (parameterValue(expression, event, scope) ?? ''))
  })
  const added = new URLSearchParams(query).toString()
  return added === '' ? filled : `${filled}${filled.includes('?') ? '&' : '?'}${added}`
}

/**
 * What is sent back of an integration's answer: the answer itself, or what the template of its status, or that of all, makes of it.
 * @throws SyntaxError, URIError when the template cannot be filled from this answer
 */
export function answerFrom(
  { responses = {} }: SocketIntegration,
  event: SocketEvent,
  status: number,
  body: string,
): string {
  const all = Object.values(responses)
  const ofStatus = all.find(({ integrationResponseKey: key }) => isOf(key, status))
  const response = ofStatus ?? all.find(({ integrationResponseKey }) => integrationResponseKey === '$default')
  if (response === undefined) return body
  const scope = { ...scopeOf(event), body }
  return chosen(response.responseTemplates, response.templateSelectionExpression, scope)?.fill(scope) ?? body
}

/** Whether a status is one of a key such as `/404/` or `/2\d\d/`: it has nothing but digits in it, and what stands for any. */
function isOf(key: string, status: number): boolean {
  return key.startsWith('/') && new RegExp(`^${key.slice(1, -1)}$`).test(`${status}`)
}

/** The template that the expression selects, else that of `$default`. */
function chosen(
  sources: Readonly<Record<string, string>> = {},
  expression: string | undefined,
  scope: TemplateScope,
): MappingTemplate | undefined {
  const key = expression === undefined ? undefined : selected(expression, scope)
  const source = (key === undefined ? undefined : sources[key]) ?? sources['$default']
  return source === undefined ? undefined : MappingTemplate.parse(source)
}

/** `${request.body.action}` or `\$default`. */
function selected(expression: string, { body }: TemplateScope): string | undefined {
  const path = /^\$\{?request\.body\.([\w.]+)\}?$/.exec(expression)?.[1]
  if (path === undefined) return expression.replace(/^\\/, '')
  const value = JsonPath.parse(`$.${path}`)?.find(jsonIn(body))
  return value === undefined ? undefined : String(value)
}

type Find = (name: string, event: SocketEvent, scope: TemplateScope) => unknown

/** What parameters may be set to, by what their expressions begin with. */
const sources: Readonly<Record<string, Find>> = {
  context: (name, _, { context }) => JsonPath.parse(`$.${name}`)?.find(context),
  stageVariables: (name, _, { stageVariables }) => stageVariables[name],
  'route.request.header': (name, { headers = {} }) =>
    Object.entries(headers).find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1],
  'route.request.querystring': (name, { queryStringParameters }) => queryStringParameters?.[name],
  'route.request.body': (name, _, { body }) => (name === '' ? body : JsonPath.parse(`$.${name}`)?.find(jsonIn(body))),
}

/** `'text'`, or one of the sources and a name: `context.connectionId`, `route.request.body.user.id`. */
function parameterValue(expression: string, event: SocketEvent, scope: TemplateScope): string | undefined {
  const quoted = /^'(.*)'$/.exec(expression)?.[1]
  if (quoted !== undefined) return quoted
  const [, source = '', name = ''] = /^(context|stageVariables|route\.request\.[a-z]+)\.?(.*)$/.exec(expression) ?? []
  const found = Object.hasOwn(sources, source) ? sources[source]?.(name, event, scope) : undefined
  if (found === undefined || found === null) return undefined
  return typeof found === 'object' ? JSON.stringify(found) : String(found)
}

function scopeOf({ requestContext: context, body = '', ...event }: SocketEvent): TemplateScope {
  const { stageVariables = {}, headers = {}, queryStringParameters = {} } = event
  return { context, body, stageVariables, params: { ...headers, ...queryStringParameters } }
}
