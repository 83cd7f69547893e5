import type { Command } from 'commander'
import type { BrokerFlags } from '../with-client.ts'

export interface GroupFlags extends BrokerFlags {
  readonly group: string
}

/** Adds --group to a command. */
export function takesGroup(command: Command): Command {
  return command.option('--group <group>', 'the group it is in', 'default')
}
