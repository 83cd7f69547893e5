import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** The last move tasks of a queue with their progress, newest first: `{moves}`. */
export const listMoves: CallOperation = {
  method: 'GET',
  path: '/v1/queues/{queue}/moves',
  run(broker, request) {
    const { tasks } = broker.queues.get(nameIn(request.params, 'queue'))
    const moves = tasks.list().map((task) => (tasks.isCancelling(task.id) ? { ...task, status: 'cancelling' } : task))
    return { body: { moves } }
  },
}
