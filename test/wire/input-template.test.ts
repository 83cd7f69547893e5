import * as assert from 'uvu/assert'
import { InputTemplate } from '../../broker/wire/input-template.ts'
import { suite } from '../suite.ts'

const test = suite('input templates')

const values: Readonly<Record<string, unknown>> = {
  text: 'a "b" \\ \n',
  number: 1.5,
  yes: true,
  nothing: null,
  list: ['x', 'y'],
  object: { a: 'b', n: [1] },
}
const filled = (template: string) => new InputTemplate(template).fill((name) => values[name])

test('outside quotation marks a value is JSON', () => {
  const text = '{"a": <text>, "b": <number>, "c": <yes>, "d": <nothing>, "e": <list>, "f": <object>, "g": <missing>}'
  assert.equal(JSON.parse(filled(text)), {
    ...{ a: values['text'], b: 1.5, c: true, d: null, e: values['list'], f: values['object'] },
    g: '',
  })
})

test('between them it is text that cannot end the string', () => {
  assert.equal(JSON.parse(filled('{"a": "<text> and <number>: <yes> <missing>."}')), {
    a: `${values['text']} and 1.5: true .`,
  })
  assert.equal(JSON.parse(filled('"<list> <object> <nothing>"')), '[x,y] {a:b,n:[1]} null')
  assert.equal(JSON.parse(filled('{"say \\"<number>\\"": "\\\\", "b": <list>}')), { 'say "1.5"': '\\', b: ['x', 'y'] })
})

test('lines of strings stay lines of strings', () => {
  assert.is(filled('"one <number>"\n"two <yes>"'), '"one 1.5"\n"two true"')
})

test('what is no JSON at all gets strings as they are, and a name alone is JSON', () => {
  assert.is(filled('number <number>, list <list>, text <list>'), 'number 1.5, list ["x","y"], text ["x","y"]')
  assert.is(
    new InputTemplate('hello <who>').fill(() => 'you'),
    'hello you',
  )
  assert.is(filled('<object>'), '{"a":"b","n":[1]}')
})

test('its names are known before it is filled', () => {
  assert.equal([...new InputTemplate('<a.b-c> <a.b-c> <x> < y> <>').names], ['a.b-c', 'x'])
})

test.run()
