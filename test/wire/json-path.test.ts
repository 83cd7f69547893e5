import * as assert from 'uvu/assert'
import { JsonPath } from '../../broker/wire/json-path.ts'
import { suite } from '../suite.ts'

const test = suite('JSON paths')
const value = {
  detail: { a: 1, list: [{ id: 'x' }, { id: 'y', n: null }], 'a b': 'c', 'x-y': true, __proto__: 1 },
  'detail-type': 'd',
}

test('find what they name, and nothing where there is nothing', () => {
  for (const [path, found] of [
    ['$', value],
    ['$.detail.a', 1],
    ['$.detail-type', 'd'],
    ["$.detail['a b']", 'c'],
    ['$["detail"].x-y', true],
    ['$.detail.list[1].id', 'y'],
    ['$.detail.list[1].n', null],
    ['$.detail.list[2]', undefined],
    ['$.detail.list[*].id', ['x', 'y']],
    ['$.detail.list.*.id', ['x', 'y']],
    ['$.none[*]', []],
    ['$.detail.list.length', undefined],
    ['$.detail.toString', undefined],
    ['$.detail.a.b', undefined],
  ] as const) {
    assert.equal(JsonPath.parse(path)?.find(value), found, path)
  }
})

test('what is none is said to be none', () => {
  for (const path of [
    '',
    'detail',
    '$detail',
    '$.',
    '$..a',
    '$.a[',
    '$.a[-1]',
    '$.a[b]',
    "$.a['b]",
    '$.a b',
    '$.a[?(@.x)]',
    '$.a[1:2]',
  ]) {
    assert.is(JsonPath.parse(path), undefined, path)
  }
})

test.run()
