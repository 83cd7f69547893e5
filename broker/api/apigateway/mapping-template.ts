import { JsonPath } from '../../wire/json-path.ts'
import { badRequest } from './errors.ts'

/** Templates by their keys, as operations take them. */
export const templates = { type: 'map', of: { type: 'string', min: 0, max: 32_768 }, max: 20 } as const

/** What a template is filled from. */
export interface TemplateScope {
  /** The message; empty where there is none. */
  readonly body: string
  readonly context: Readonly<Record<string, unknown>>
  readonly stageVariables: Readonly<Record<string, string>>
  /** Of the request that connected: its query and, below that, its headers. */
  readonly params: Readonly<Record<string, string>>
}

/** A template is not one, and why. */
export class TemplateProblem extends Error {}

type Expression =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'call'
      readonly run: Call
      readonly arguments: readonly Expression[]
    }
  | { readonly kind: 'path'; readonly root: 'context' | 'stageVariables'; readonly names: readonly string[] }

type Call = (scope: TemplateScope, ...given: readonly unknown[]) => unknown

/** What can be called, or read without being called (docs.aws.amazon.com/apigateway, "WebSocket API mapping template reference"). */
const calls: Readonly<Record<string, Call>> = {
  'input.body': ({ body }) => body,
  'input.json': (scope, path) => JSON.stringify(pathIn(scope, path) ?? null),
  'input.path': pathIn,
  'input.params': ({ params }, name) => params[text(name)],
  'util.escapeJavaScript': (_, value) => escapeJavaScript(text(value)),
  'util.parseJson': (_, value) => JSON.parse(text(value)) as unknown,
  'util.urlEncode': (_, value) => encodeURIComponent(text(value)).replaceAll('%20', '+'),
  'util.urlDecode': (_, value) => decodeURIComponent(text(value).replaceAll('+', ' ')),
  'util.base64Encode': (_, value) => Buffer.from(text(value)).toString('base64'),
  'util.base64Decode': (_, value) => Buffer.from(text(value), 'base64').toString(),
}

/** What escapeJavaScript escapes and JSON must not have escaped is made good by `.replaceAll("\\'","'")`. */
const replaceAll: Call = (_, value, from, to) => text(value).replaceAll(text(from).replaceAll('\\\\', '\\'), text(to))

/** How deep calls may be within calls. */
const depthMax = 16

/**
 * A mapping template: text with `$input`, `$context`, `$stageVariables` and `$util` in it. Of the language of AWS's templates these references are
 * understood; its directives (`#set`, `#foreach`, `#if`), which are programs, are not.
 */
export class MappingTemplate {
  readonly #parts: readonly (string | Expression)[]

  private constructor(parts: readonly (string | Expression)[]) {
    this.#parts = parts
  }

  /** @throws TemplateProblem */
  static parse(source: string): MappingTemplate {
    const directive = /#(?:set|if|elseif|else|end|foreach|macro|parse|include|define|break|stop)\b/.exec(source)
    if (directive !== null) throw new TemplateProblem(`directives such as ${directive[0]} are not understood here`)
    return new MappingTemplate(new TemplateReader(source.replace(/##.*$/gm, '')).parts())
  }

  /** What it comes to. @throws SyntaxError, URIError when what it is to parse or decode cannot be */
  fill(scope: TemplateScope): string {
    return this.#parts.map((part) => (typeof part === 'string' ? part : text(evaluate(part, scope)))).join('')
  }
}

/** @throws BadRequestException when one of them is no template */
export function requireTemplates(sources: Readonly<Record<string, string>>, what: 'request' | 'response'): void {
  for (const [key, source] of Object.entries(sources)) {
    try {
      MappingTemplate.parse(source)
    } catch (error) {
      if (!(error instanceof TemplateProblem)) throw error
      throw badRequest(`The ${what} template ${key} is not valid: ${error.message}`)
    }
  }
}

function evaluate(expression: Expression, scope: TemplateScope): unknown {
  if (expression.kind === 'value') return expression.value
  if (expression.kind === 'call') {
    return expression.run(scope, ...expression.arguments.map((each) => evaluate(each, scope)))
  }
  let value: unknown = scope[expression.root]
  for (const name of expression.names) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as never)[name] : undefined
  }
  return value
}

class TemplateReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  parts(): (string | Expression)[] {
    const parts: (string | Expression)[] = []
    const reference = /\$!?\{?(?:input|context|stageVariables|util)\./g
    for (;;) {
      reference.lastIndex = this.#at
      const next = reference.exec(this.#source)?.index ?? this.#source.length
      if (next > this.#at) parts.push(this.#source.slice(this.#at, next))
      this.#at = next
      if (next === this.#source.length) return parts
      parts.push(this.#reference(0))
    }
  }

  /** `$name.name`, `$!{name.name(…)}`. */
  #reference(depth: number): Expression {
    const start = this.#at
    const [, brace] = this.#take(/\$!?(\{?)/y) ?? []
    const [names = ''] = this.#take(/[A-Za-z]\w*(?:\.[A-Za-z]\w*)*/y) ?? []
    const [root = '', ...rest] = names.split('.')
    const made = this.#expression(root, rest, depth)
    if (brace === '{' && this.#take(/\}/y) === undefined) throw this.#problem('a } is missing', start)
    return made
  }

  #expression(root: string, names: readonly string[], depth: number): Expression {
    if (root === 'context' || root === 'stageVariables') return { kind: 'path', root, names }
    const name = `${root}.${names[0] ?? ''}`
    const run = Object.hasOwn(calls, name) ? calls[name] : undefined
    if (run === undefined || names.length !== 1) {
      throw this.#problem(`$${[root, ...names].join('.')} is nothing that is known here`, this.#at)
    }
    const called = {
      kind: 'call',
      run,
      arguments: name === 'input.body' ? [] : this.#arguments(name, depth + 1),
    } as const
    if (this.#take(/\.replaceAll(?=\()/y) === undefined) return called
    return { kind: 'call', run: replaceAll, arguments: [called, ...this.#arguments('replaceAll', depth + 1)] }
  }

  #arguments(name: string, depth: number): Expression[] {
    if (depth > depthMax) throw this.#problem('calls are too deep', this.#at)
    if (this.#take(/\(\s*/y) === undefined) throw this.#problem(`${name} needs ( )`, this.#at)
    const given: Expression[] = []
    while (this.#take(/\s*\)/y) === undefined) {
      if (given.length > 0 && this.#take(/\s*,\s*/y) === undefined) throw this.#problem('a ) is missing', this.#at)
      given.push(this.#argument(depth))
    }
    return given
  }

  #argument(depth: number): Expression {
    const [, single, double] = this.#take(/'([^']*)'|"([^"]*)"/y) ?? []
    const quoted = single ?? double
    if (quoted !== undefined) return { kind: 'value', value: quoted }
    const [number] = this.#take(/-?\d+(?:\.\d+)?/y) ?? []
    if (number !== undefined) return { kind: 'value', value: Number(number) }
    if (this.#source[this.#at] === '$') return this.#reference(depth)
    throw this.#problem('a text in quotes, a number or a reference is missing', this.#at)
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)
    if (found === null) return undefined
    this.#at += found[0].length
    return found
  }

  #problem(what: string, at: number): TemplateProblem {
    return new TemplateProblem(`${what} (at ${at}: ${this.#source.slice(at, at + 20)})`)
  }
}

/** What a path finds in the message; a message that is no JSON has nothing. */
function pathIn({ body }: TemplateScope, path: unknown): unknown {
  return JsonPath.parse(text(path))?.find(jsonIn(body))
}

/** A message as JSON; undefined where it is none: then there is nothing at any path of it. */
export function jsonIn(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    // Who asks what is in it is told: nothing.
    return undefined
  }
}

function text(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** As the members of a JSON string are escaped, and quotes of both kinds. */
function escapeJavaScript(value: string): string {
  return JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")
}
