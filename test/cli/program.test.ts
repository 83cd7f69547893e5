import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Command } from 'commander'
import * as assert from 'uvu/assert'
import { makeProgram } from '../../broker/cli/program.ts'
import { suite } from '../suite.ts'
import { runAlone, withCli } from './harness.ts'

const test = suite('millrace')

function* leaves(command: Command): Generator<Command> {
  if (command.commands.length === 0) yield command
  for (const each of command.commands) yield* leaves(each)
}

function helpOf(command: Command): string {
  let help = ''
  const writeOut = (text: string) => {
    help += text
  }
  command.configureOutput({ writeOut }).outputHelp()
  return help
}

test('every command has examples under its help, and every option a description', async () => {
  for (const command of leaves(await makeProgram())) {
    const help = helpOf(command)
    assert.match(help, /^Examples:\n {2}\$ .*millrace /m, `${command.name()} has no examples`)
    for (const option of command.options) assert.ok(option.description, `${command.name()} ${option.flags}`)
  }
})

test('a command that is named is loaded alone, and is the same as among the others', async () => {
  for (const { name, help } of (await makeProgram()).commands.map((each) => ({
    name: each.name(),
    help: helpOf(each),
  }))) {
    const alone = (await makeProgram(name)).commands
    assert.equal(
      alone.map((each) => each.name()),
      [name],
    )
    assert.is(helpOf(alone[0] as Command), help)
  }
  assert.is((await makeProgram('no-such-command')).commands.length, (await makeProgram()).commands.length)
})

test('the examples in help are commands that exist, with flags they take', async () => {
  for (const command of leaves(await makeProgram())) {
    const help = helpOf(command)
    for (const [, line = ''] of help.matchAll(/^ .*?millrace ((?:[a-z-]+ ?)+[^|>\n]*)/gm)) {
      const words = line.split(/ {2,}/)[0]?.trim().split(' ') ?? []
      let target = await makeProgram()
      while (target.commands.length > 0) {
        const word = words.shift() ?? ''
        const found = target.commands.find((each) => each.name() === word || each.aliases().includes(word))
        if (found === undefined) throw new Error(`millrace ${line}: there is no ${word}`)
        target = found
      }
      const flags = words.filter((word) => /^--?[a-z]/.test(word))
      for (const flag of flags) {
        assert.ok(
          target.options.some((option) => option.long === flag || option.short === flag),
          `millrace ${line}: ${flag}`,
        )
      }
    }
  }
})

test('without a broker it says how to start one, and ends with 3', async () => {
  const commands = [['stream', 'list'], ['tail', 's'], ['put', 's'], ['inspect']]
  // Port 1 is nobody's.
  const outcomes = await Promise.all(commands.map((args) => runAlone([...args, '--url', 'http://127.0.0.1:1'])))
  for (const { code, stdout, stderr } of outcomes) {
    assert.is(code, 3)
    assert.is(stdout, '')
    assert.match(stderr, 'The broker at http://127.0.0.1:1 cannot be reached')
    assert.match(stderr, 'millrace serve')
    assert.not.match(stderr, '    at ')
  }
})

test('an address that is none, or of something else, is told from a broker that is down', async () => {
  const other = createServer((_request, response) => response.writeHead(404).end('<html>')).listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  try {
    const [none, html] = await Promise.all([
      runAlone(['stream', 'list', '--url', 'localhost:4566']),
      runAlone(['stream', 'list', '--url', `http://127.0.0.1:${port}`]),
    ])
    assert.is(none.code, 2)
    assert.match(none.stderr, 'must be an address such as http://127.0.0.1:4566')
    assert.is(html.code, 1)
    assert.match(html.stderr, 'is this a Millrace broker?')
  } finally {
    other.close()
  }
})

test(
  'the token comes from a flag or from MILLRACE_TOKEN, and without it the broker is not entered',
  withCli(
    async ({ run }) => {
      const [none, flag, environment] = await Promise.all([
        run(['stream', 'list']),
        run(['stream', 'list', '--token', 'secret']),
        run(['stream', 'list'], '', { env: { MILLRACE_TOKEN: 'secret' } }),
      ])
      assert.is(none.code, 1)
      assert.match(none.stderr, '--token, or MILLRACE_TOKEN')
      assert.is(flag.code, 0)
      assert.is(environment.code, 0)
    },
    { token: 'secret' },
  ),
)

test('a misspelt command or flag is answered with the right one, and 2', async () => {
  const [command, flag, nothing] = await Promise.all([
    runAlone(['tial', 's']),
    runAlone(['tail', 's', '--form', 'horizon']),
    runAlone([]),
  ])
  assert.match(command.stderr, 'Did you mean tail?')
  assert.match(flag.stderr, 'Did you mean --from?')
  assert.equal([command.code, flag.code, nothing.code], [2, 2, 2])
  assert.match(nothing.stderr, 'Usage: millrace')
})

test.run()
