import type { Command } from 'commander'
import { addDelete } from './delete.ts'
import { addList } from './list.ts'
import { addReset } from './reset.ts'

/** `millrace consumers …`: one line a command. */
export function addConsumers(program: Command): void {
  const consumers = program
    .command('consumers')
    .alias('consumer')
    .description('see how far the consumers of a stream are, move them, forget them')
  addList(consumers)
  addReset(consumers)
  addDelete(consumers)
}
