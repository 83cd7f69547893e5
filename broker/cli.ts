#!/usr/bin/env node
import { Command, Option as Flag } from 'commander'
import type { ServeFlags } from './cli/serve.ts'
import { environmentName, type Option, options } from './options.ts'
import { version } from './version.ts'
import { MillraceError } from './wire/errors.ts'

const program = new Command('millrace')
  .description('An event streaming broker with fan-out.')
  .version(version)
  .showHelpAfterError('(run with --help for what it takes)')

const serve = program.command('serve').description('run a broker; npm start does this')
for (const option of options) serve.addOption(flagOf(option))
serve.action(async (flags: ServeFlags) => (await import('./cli/serve.ts')).serve(flags))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof MillraceError)) throw error
  console.error(`millrace: ${error.message}\n          ${error.fix}`)
  process.exitCode = 1
}

function flagOf(option: Option): Flag {
  const flag = new Flag(
    option.value === undefined ? `--${option.name}` : `--${option.name} <${option.value}>`,
    option.help,
  )
  if (option.default !== undefined) flag.default(option.default)
  if (option.choices !== undefined) flag.choices(option.choices)
  if (option.repeatable) flag.argParser<string[]>((value, earlier = []) => [...earlier, ...value.split(',')])
  const name = environmentName(option)
  return isUnset(option, process.env[name]) ? flag : flag.env(name)
}

/** A variable that is empty says nothing, and a switch can be told to be off. */
function isUnset(option: Option, value: string | undefined): boolean {
  return value === '' || (option.value === undefined && /^(0|false|no|off)$/i.test(value ?? ''))
}
