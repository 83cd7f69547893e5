import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { type ErrorBody, type ErrorCode, errorTable, MillraceError } from '../../broker/wire/errors.ts'
import { holds } from '../property.ts'
import { type Source, sourcesIn } from '../sources.ts'
import { suite } from '../suite.ts'

const test = suite('errors')

const codes = Object.keys(errorTable) as ErrorCode[]
const holesIn = (template: string) => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string)
const holesOf = (code: ErrorCode) => [...new Set(holesIn(errorTable[code].text + errorTable[code].fix))]

test('every row has a status of HTTP, says what happened, and says what to do', () => {
  for (const code of codes) {
    const { status, text, fix } = errorTable[code]
    assert.match(code, /^[a-z]+(_[a-z]+)*$/)
    assert.ok(status >= 400 && status < 600, code)
    assert.match(text, /\S/, code)
    assert.match(fix, /[A-Z]|\{/, code)
    assert.is(text.replace(/\{\w+\}/g, '').match(/[{}]/), null, `${code} has a brace that is no placeholder`)
  }
})

test('every placeholder is filled from the details', () => {
  for (const code of codes) {
    const details = Object.fromEntries(holesOf(code).map((name) => [name, `<${name}>`]))
    const error = new MillraceError(code, details)
    for (const name of holesIn(errorTable[code].text)) assert.match(error.message, `<${name}>`)
    for (const name of holesIn(errorTable[code].fix)) assert.match(error.fix, `<${name}>`)
    assert.equal(holesIn(error.message + error.fix), [])
  }
})

test('wherever the broker makes an error, it gives every detail that the texts have a place for', () => {
  const made = [...sourcesIn('broker'), ...sourcesIn('test')].flatMap(errorsMadeIn)
  assert.ok(made.length > 50, `only ${made.length} were found: the search is broken`)
  for (const { path, code, details } of made) {
    assert.ok(codes.includes(code as ErrorCode), `${path} makes an error ${code}, which is not in the table`)
    const missing = holesOf(code as ErrorCode).filter((name) => !details.includes(name))
    assert.equal(missing, [], `${path}: ${code} is made without ${missing.join(', ')}`)
  }
})

interface Made {
  readonly path: string
  readonly code: string
  readonly details: readonly string[]
}

/** The errors that a file makes with their code and details written out. */
function errorsMadeIn({ path, text }: Source): Made[] {
  return [...text.matchAll(/new MillraceError\(\s*'(\w+)'\s*(\)|,\s*\{)/g)].map((match) => {
    const rest = text.slice(match.index + match[0].length)
    return { path, code: match[1] as string, details: match[2] === ')' ? [] : namesIn(rest) }
  })
}

/** The names of an object literal's members, from behind its opening brace. */
function namesIn(literal: string): string[] {
  const names: string[] = []
  let depth = 0
  for (const [token] of literal.matchAll(
    /`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[({[\])}]|\w+\s*(?=[:,}])|\S/g,
  )) {
    if (/^[({[]$/.test(token)) depth++
    else if (/^[\])}]$/.test(token) && --depth < 0) return names
    else if (depth === 0 && /^\w/.test(token)) names.push(token.trim())
  }
  return names
}

test('an error goes over the wire as JSON and comes back the same', () => {
  const anyDetail = fc.oneof(fc.string(), fc.integer())
  holds([fc.constantFrom(...codes), fc.dictionary(fc.string(), anyDetail)], (code, extra) => {
    const filled = Object.fromEntries(holesOf(code).map((name, i) => [name, i]))
    const error = new MillraceError(code, { ...extra, ...filled })
    const back = MillraceError.from(JSON.parse(JSON.stringify(error)))
    assert.is(back.message, error.message)
    assert.equal([back.code, back.status, back.fix, back.retryable], [code, error.status, error.fix, error.retryable])
    assert.equal(JSON.stringify(back), JSON.stringify(error))
  })
})

test('integers too large for JSON travel as text', () => {
  const error = new MillraceError('invalid_field', { field: 'at', reason: 'is too large', given: 2n ** 100n })
  assert.is((JSON.parse(JSON.stringify(error)) as ErrorBody).details['given'], `${2n ** 100n}`)
})

test('whatever a broker answers becomes an error that says something', () => {
  holds([fc.jsonValue()], (body) => {
    const error = MillraceError.from(body)
    assert.ok(error.message.length > 0 && codes.includes(error.code))
    JSON.stringify(error)
  })
  for (const code of ['toString', '__proto__', 'constructor', 'no_such_code', 7, null]) {
    assert.is(MillraceError.from({ code, message: 'said' }).message, 'An unexpected fault: said.')
  }
  assert.is(MillraceError.from({ code: 'draining', details: { toString: 1, a: { b: 1 } } }).code, 'draining')
})

test('a foreign error is kept as the cause, and one of ours stays itself', () => {
  const cause = new RangeError('off by one')
  const wrapped = MillraceError.wrap(cause)
  assert.is(wrapped.code, 'internal')
  assert.is(wrapped.cause, cause)
  assert.match(wrapped.message, 'off by one')
  assert.is(MillraceError.wrap(wrapped), wrapped)
  assert.match(MillraceError.wrap('just text').message, 'just text')
  assert.is(MillraceError.wrap(undefined).code, 'internal')
})

test.run()
