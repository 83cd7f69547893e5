import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes an archive. */
export const deleteArchive: CallOperation = {
  method: 'DELETE',
  path: '/v1/archives/{archive}',
  async run({ archives }, request) {
    await archives.delete(nameIn(request.params, 'archive'))
    return { status: 204 }
  },
}
