import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { environmentName, type Option, options } from '../../broker/options.ts'
import { suite } from '../suite.ts'

const test = suite('docs/operating.md')
const page = readFileSync(new URL('../../../docs/operating.md', import.meta.url), 'utf8')

test('its table has every option with its flag, variable, default and help, as the broker has them', () => {
  for (const option of options as readonly Option[]) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`--${option.name}`))
    assert.ok(row, `a row for --${option.name}`)
    assert.match(row as string, environmentName(option))
    assert.match(row as string, option.help)
    if (option.default !== undefined) assert.match(row as string, `\`${option.default}\``)
  }
})

test('it has no option that the broker has not', () => {
  const known = new Set((options as readonly Option[]).map(({ name }) => name))
  for (const [, name] of page.matchAll(/^\| `--([a-z-]+)/gm)) assert.ok(known.has(name as string), name)
})

test.run()
