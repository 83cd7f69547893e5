import * as assert from 'uvu/assert'
import { MappingTemplate, TemplateProblem } from '../../../broker/api/apigateway/mapping-template.ts'
import { suite } from '../../suite.ts'

const test = suite('mapping templates')

const scope = {
  body: '{"a": {"b": [1, "two"]}, "text": "it\'s \\"so\\""}',
  context: { connectionId: 'abc=', authorizer: { who: 'ann' } },
  stageVariables: { room: 'red' },
  params: { token: 't' },
}
const fill = (source: string, body = scope.body) => MappingTemplate.parse(source).fill({ ...scope, body })

test('references stand for what they name, in text that stays as it is', () => {
  const expected: [string, string][] = [
    ['plain $5 and $ and $foo', 'plain $5 and $ and $foo'],
    ['$input.body', scope.body],
    ["$input.json('$.a')", '{"b":[1,"two"]}'],
    ["$input.json('$')", JSON.stringify(JSON.parse(scope.body))],
    ["$input.path('$.a.b[1]')!", 'two!'],
    ["<$input.path('$.none')>", '<>'],
    ["$input.json('$.none')", 'null'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: templates of API Gateway look like those of JavaScript
    ['${context.connectionId}x$!{context.none}', 'abc=x'],
    ['$context.authorizer.who-$stageVariables.room', 'ann-red'],
    ["$input.params('token')", 't'],
    ["$util.urlEncode($input.path('$.a'))", '%7B%22b%22%3A%5B1%2C%22two%22%5D%7D'],
    [`$util.escapeJavaScript($input.path('$.text')).replaceAll("\\\\'","'")`, 'it\'s \\"so\\"'],
    ["$util.escapeJavaScript($input.path('$.text'))", 'it\\\'s \\"so\\"'],
    ['$util.base64Encode(\'é\')$util.base64Decode("w6k=")', 'w6k=é'],
    ["$util.urlDecode('a+b%21')", 'a b!'],
    ['a ## a remark\nb', 'a \nb'],
  ]
  for (const [source, filled] of expected) assert.is(fill(source), filled, source)
})

test('a message that is no JSON has nothing in it, but can be sent on', () => {
  assert.is(fill("[$input.path('$.a')] $input.body", 'no json'), '[] no json')
})

test('what would be a program, or names what is not there, is refused', () => {
  const wrong = [
    '#foreach($i in [1..9])x#end',
    '#set ($x = 1)',
    '$input.constructor',
    '$input.json',
    "$util.getClass('x')",
    "$input.json('$.a'",
    '${context.connectionId',
    '$util.urlEncode(x)',
    '$util.urlEncode('.repeat(40),
  ]
  for (const source of wrong) {
    const isProblem = (error: unknown) => error instanceof TemplateProblem
    assert.throws(() => MappingTemplate.parse(source), isProblem, source)
  }
})

test('neither prototypes nor what is inherited can be reached', () => {
  assert.is(fill('$context.constructor.name|$stageVariables.valueOf|$context.toString'), '||')
})

test.run()
