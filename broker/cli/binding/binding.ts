import type { Command } from 'commander'
import { addAdd } from './add.ts'
import { addDescribe } from './describe.ts'
import { addList } from './list.ts'
import { addPause } from './pause.ts'
import { addRemove } from './remove.ts'

/** `millrace binding …`: one line a command. `millrace bindings` lists them. */
export function addBinding(program: Command): void {
  const binding = program.command('binding').alias('bindings').description('bindings: what triggers what')
  addAdd(binding)
  addList(binding)
  addDescribe(binding)
  addPause(binding)
  addRemove(binding)
}
