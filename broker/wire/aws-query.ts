import { AwsError } from './aws-error.ts'
import { base64 } from './aws-json.ts'
import type { ListShape, MapShape, Members, Shape } from './aws-shape.ts'
import { element, escapeXml } from './xml.ts'

/**
 * The AWS Query protocol (Smithy, "AWS Query protocol"): a form goes in, whose dotted names are a tree, and XML comes out. Lists
 * are `Name.member.1`, or flattened `Name.1`; maps are `Name.entry.1.key` and `.value`, or flattened.
 */
const parametersMax = 10_000
const depthMax = 16

interface Node {
  text: string | undefined
  readonly children: Map<string, Node>
}

/**
 * The members of a form's tree, as the table says they are nested. What is not in the table is left out.
 * @throws AwsError MalformedQueryString
 */
export function decodeAwsQuery(form: URLSearchParams, members: Members): Record<string, unknown> {
  const root: Node = { text: undefined, children: new Map() }
  if (form.size > parametersMax) throw malformed(`more than ${parametersMax} parameters`)
  for (const [name, value] of form) {
    const path = name.split('.')
    if (path.length > depthMax) throw malformed(`a name of more than ${depthMax} parts`)
    let node = root
    for (const part of path) node = childOf(node, part)
    node.text = value
  }
  return structure(root, members)
}

function childOf(node: Node, name: string): Node {
  let child = node.children.get(name)
  if (child === undefined) {
    child = { text: undefined, children: new Map() }
    node.children.set(name, child)
  }
  return child
}

function structure(node: Node, members: Members): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [name, shape] of Object.entries(members)) {
    const flattened = 'flattened' in shape ? shape.flattened : undefined
    const child = node.children.get(flattened ?? name) ?? node.children.get(name)
    if (child !== undefined) value[name] = valueAt(child, shape)
  }
  return value
}

function valueAt(node: Node, shape: Shape): unknown {
  if (shape.type === 'structure') return structure(node, shape.members)
  if (shape.type === 'list') return numbered(node.children.get('member') ?? node).map((each) => valueAt(each, shape.of))
  if (shape.type === 'map') return mapAt(node.children.get('entry') ?? node, shape)
  return scalar(node.text ?? '', shape)
}

function mapAt(node: Node, { of, keyName = 'key', valueName = 'value' }: MapShape): Record<string, unknown> {
  const entries = numbered(node).map((entry) => {
    const value = entry.children.get(valueName)
    return [entry.children.get(keyName)?.text ?? '', value === undefined ? undefined : valueAt(value, of)]
  })
  return Object.fromEntries(entries)
}

/** The children that are numbers, in their order; numbers may be left out. */
function numbered(node: Node): Node[] {
  return [...node.children]
    .filter(([name]) => /^\d{1,6}$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child)
}

/** Text that cannot be what the table says is left as it is: the check of types has the words for that. */
function scalar(text: string, { type }: Shape): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type === 'integer' || type === 'long') return /^-?\d{1,16}$/.test(text) ? Number(text) : text
  if (type === 'double') return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (type === 'timestamp') {
    const millis = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text)
    return Number.isNaN(millis) ? text : new Date(millis)
  }
  return text
}

function malformed(reason: string): AwsError {
  return new AwsError('MalformedQueryString', `The query string has ${reason}.`, { status: 404 })
}

/** The answer of `action`: `value` in its result element; `members` says how its lists and maps are written. */
export function encodeAwsQuery(
  action: string,
  value: object | undefined,
  members: Members | undefined,
  { namespace, requestId }: { readonly namespace: string; readonly requestId: string },
): string {
  const result = value === undefined ? '' : element(`${action}Result`, membersXml(value, members))
  const metadata = element('ResponseMetadata', element('RequestId', requestId))
  return `<?xml version="1.0"?>${element(`${action}Response`, result + metadata, ` xmlns="${namespace}"`)}`
}

/** An error's answer. */
export function encodeAwsQueryError(error: AwsError, namespace: string, requestId: string): string {
  const { fault, queryCode, message } = error
  const inner =
    element('Type', fault) +
    element('Code', escapeXml(queryCode)) +
    element('Message', escapeXml(message)) +
    element('Detail', '')
  const content = element('Error', inner) + element('RequestId', requestId)
  return `<?xml version="1.0"?>${element('ErrorResponse', content, ` xmlns="${namespace}"`)}`
}

function membersXml(value: object, members: Members | undefined): string {
  return Object.entries(value)
    .filter(([, each]) => each !== undefined && each !== null)
    .map(([name, each]) => memberXml(name, each, members?.[name]))
    .join('')
}

function memberXml(name: string, value: unknown, shape: Shape | undefined): string {
  if (Array.isArray(value)) return listXml(name, value, shape?.type === 'list' ? shape : undefined)
  if (shape?.type === 'map') return mapXml(name, value as object, shape)
  if (typeof value === 'object' && !(value instanceof Date) && !(value instanceof Uint8Array)) {
    return element(name, membersXml(value as object, shape?.type === 'structure' ? shape.members : undefined))
  }
  return element(name, escapeXml(scalarText(value)))
}

function listXml(name: string, values: readonly unknown[], shape: ListShape | undefined): string {
  const flattened = shape?.flattened
  const items = values.map((each) => memberXml(flattened ?? 'member', each, shape?.of)).join('')
  return flattened === undefined ? element(name, items) : items
}

function mapXml(name: string, map: object, { of, flattened, keyName = 'key', valueName = 'value' }: MapShape): string {
  const entries = Object.entries(map).map(([key, each]) =>
    element(flattened ?? 'entry', element(keyName, escapeXml(key)) + memberXml(valueName, each, of)),
  )
  return flattened === undefined ? element(name, entries.join('')) : entries.join('')
}

function scalarText(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return base64(value)
  return String(value)
}
