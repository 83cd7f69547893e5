import type { Command } from 'commander'
import { addAdd } from './add.ts'
import { addInvoke } from './invoke.ts'
import { addList } from './list.ts'
import { addRemove } from './remove.ts'

/** `millrace function ...` */
export function addFunction(program: Command): void {
  const command = program.command('function').alias('functions').description('functions: handlers that events trigger')
  addAdd(command)
  addList(command)
  addInvoke(command)
  addRemove(command)
}
