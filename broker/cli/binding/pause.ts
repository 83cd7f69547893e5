import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

/** `pause` and `resume`. */
export function addPause(binding: Command): void {
  const pausing = binding.command('pause').description('stop bindings; they keep their positions').argument('<name...>')
  takesBroker(pausing).addHelpText('after', help('pause')).action(pause)
  const resuming = binding.command('resume').description('let paused bindings go on').argument('<name...>')
  takesBroker(resuming).addHelpText('after', help('resume')).action(resume)
}

function help(command: string): string {
  return `
Examples:
  $ millrace binding ${command} resize`
}

async function pause(names: readonly string[], flags: BrokerFlags): Promise<void> {
  await withClient(flags, async (client) => {
    for (const name of names) {
      await client.binding(name).pause()
      await printLine(`Binding ${name} is paused.`)
    }
  })
}

async function resume(names: readonly string[], flags: BrokerFlags): Promise<void> {
  await withClient(flags, async (client) => {
    for (const name of names) {
      await client.binding(name).resume()
      await printLine(`Binding ${name} goes on.`)
    }
  })
}
