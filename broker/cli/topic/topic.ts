import type { Command } from 'commander'
import { addCreate } from './create.ts'
import { addDelete } from './delete.ts'
import { addList } from './list.ts'
import { addPublish } from './publish.ts'
import { addSubscribe } from './subscribe.ts'
import { addSubscriptions } from './subscriptions.ts'
import { addUnsubscribe } from './unsubscribe.ts'

/** `millrace topic …`: one line a command. */
export function addTopic(program: Command): void {
  const topic = program
    .command('topic')
    .alias('topics')
    .description('topics: create, subscribe, publish, listen, delete')
  addCreate(topic)
  addList(topic)
  addSubscribe(topic)
  addSubscriptions(topic)
  addUnsubscribe(topic)
  addPublish(topic)
  addDelete(topic)
}
