import { Fields, nameIn } from '../fields.ts'
import type { ApiRequest } from '../operation.ts'

/** Where what a binding with tumbling windows keeps of a shard is read and written. */
export const windowPath = '/v1/bindings/{binding}/windows/{shard}'

/** The binding and the shard that a path names. */
export function windowIn({ params }: Pick<ApiRequest, 'params'>): { name: string; shard: number } {
  const fields = new Fields({ shard: params['shard'] })
  const shard = fields.required('shard', fields.integer('shard', { min: 0, max: 2 ** 32 - 1 }))
  return { name: nameIn(params, 'binding'), shard }
}
