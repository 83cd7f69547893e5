import { MillraceError } from '../../wire/errors.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Whether the broker takes requests.
 * @throws draining
 */
export const getHealth: CallOperation = {
  method: 'GET',
  path: '/healthz',
  run(broker) {
    if (broker.draining) throw new MillraceError('draining')
    return { body: { status: 'ok' } }
  },
}
