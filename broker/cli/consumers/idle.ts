import type { Client } from '../../../client/index.ts'
import { MillraceError } from '../../wire/errors.ts'

/**
 * Members of a group write checkpoints of their own: what is set behind their backs would not last.
 * @throws group_active
 */
export async function requireIdle(client: Client, stream: string, consumer: string): Promise<void> {
  const { streams } = await client.inspect()
  const group = streams.find(({ name }) => name === stream)?.groups.find((each) => each.group === consumer)
  const members = group?.members.length ?? 0
  if (members > 0) throw new MillraceError('group_active', { group: consumer, members })
}
