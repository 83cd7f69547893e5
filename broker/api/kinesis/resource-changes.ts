import type { FanOutConsumer, StreamProfile } from '../../modes/stream-profile.ts'
import type { resourceOf } from './names.ts'

type Resource = ReturnType<typeof resourceOf>

/** What streams and their consumers both have. */
export type Common = Pick<FanOutConsumer, 'tags' | 'policy'>

/** Changes a stream's, or a consumer's, own tags or policy. */
export async function changeResource(
  { stream, consumer }: Resource,
  change: (current: Common) => Common,
): Promise<void> {
  await stream.profile.change((profile): StreamProfile => {
    if (consumer === undefined) return { ...profile, ...change(profile) }
    const consumers = profile.consumers.map((each) =>
      each.name === consumer.name ? { ...each, ...change(each) } : each,
    )
    return { ...profile, consumers }
  })
}

/** A stream's, or a consumer's, tags and policy. */
export function commonOf({ stream, consumer }: Resource): Common {
  return consumer ?? stream.profile.current
}
