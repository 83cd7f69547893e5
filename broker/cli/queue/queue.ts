import type { Command } from 'commander'
import { addCreate } from './create.ts'
import { addDelete } from './delete.ts'
import { addDescribe } from './describe.ts'
import { addList } from './list.ts'
import { addPeek } from './peek.ts'
import { addPurge } from './purge.ts'
import { addReceive } from './receive.ts'
import { addRedrive } from './redrive.ts'
import { addSend } from './send.ts'
import { addUpdate } from './update.ts'

/** `millrace queue …`: one line a command. */
export function addQueue(program: Command): void {
  const queue = program.command('queue').alias('queues').description('queues: create, send, receive, look into, delete')
  addCreate(queue)
  addList(queue)
  addDescribe(queue)
  addUpdate(queue)
  addSend(queue)
  addReceive(queue)
  addPeek(queue)
  addRedrive(queue)
  addPurge(queue)
  addDelete(queue)
}
