import type { Command } from 'commander'
import { addCreate } from './create.ts'
import { addDelete } from './delete.ts'
import { addDescribe } from './describe.ts'
import { addList } from './list.ts'
import { addMerge } from './merge.ts'
import { addSplit } from './split.ts'
import { addUpdate } from './update.ts'

/** `millrace stream …`: one line a command. */
export function addStream(program: Command): void {
  const stream = program.command('stream').alias('streams').description('create, look at, change and delete streams')
  addCreate(stream)
  addList(stream)
  addDescribe(stream)
  addUpdate(stream)
  addSplit(stream)
  addMerge(stream)
  addDelete(stream)
}
