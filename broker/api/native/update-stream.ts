import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { settingsIn } from './stream-settings.ts'

/** Changes a stream's settings; those left out stay as they are. */
export const updateStream: CallOperation = {
  method: 'PATCH',
  path: '/v1/streams/{stream}',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const fields = new Fields(request.body)
    const settings = settingsIn(fields, broker.limits)
    fields.done()
    await stream.update(settings)
    return { body: stream.describe() }
  },
}
