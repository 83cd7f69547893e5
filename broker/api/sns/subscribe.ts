import type { SubscriptionRecord, SubscriptionSettings } from '../../modes/topic-record.ts'
import { subscriptionArn } from '../../modes/topic-record.ts'
import { MillraceError } from '../../wire/errors.ts'
import { awsOperation } from '../aws/operation.ts'
import { targetIn } from './endpoints.ts'
import { invalidParameter } from './errors.ts'
import { attributeMap, required, text } from './members.ts'
import { topicAt } from './names.ts'
import { defaultSubscriptionSettings, requireArchive, settable, withAttribute } from './subscription-attributes.ts'

/**
 * Subscribes an endpoint, or answers with the ARN of the subscription that it has. HTTP endpoints have to confirm theirs before they get
 * anything else.
 */
export const subscribe = awsOperation({
  name: 'Subscribe',
  input: {
    TopicArn: required,
    Protocol: required,
    Endpoint: text,
    Attributes: attributeMap,
    ReturnSubscriptionArn: { type: 'boolean' },
  },
  async run(broker, input, { region, account, origin }) {
    const { Protocol: protocol, Endpoint: endpoint = '', Attributes: attributes = {}, ReturnSubscriptionArn } = input
    const topic = topicAt(broker, input.TopicArn)
    const target = targetIn(topic, protocol, endpoint)
    const settings = settingsIn(attributes)
    if (settings.replay !== undefined) requireArchive(topic)
    const answer = (record: SubscriptionRecord) => {
      const pending = record.token !== undefined && ReturnSubscriptionArn !== true
      return { SubscriptionArn: pending ? 'pending confirmation' : subscriptionArn(record) }
    }
    const { subscriptions } = broker.topics
    const there = [...topic.subscriptions.values()].find(
      (each) => each.protocol === protocol && each.endpoint === endpoint,
    )
    if (there === undefined) {
      const confirm = target.kind === 'http' || target.kind === 'mail'
      const made = { protocol, endpoint, target, settings, region, account, origin, confirm }
      return answer(await attributed(() => subscriptions.add(topic, made)))
    }
    requireSame(attributes, settings, there)
    // Whoever subscribes again may have missed the first message.
    if (there.token !== undefined && target.kind === 'http') await subscriptions.askToConfirm(topic, there, there.token)
    return answer(there)
  },
})

function settingsIn(attributes: Readonly<Record<string, string>>): SubscriptionSettings {
  let settings = defaultSubscriptionSettings
  for (const [name, value] of Object.entries(attributes)) settings = withAttribute(settings, name, value)
  return settings
}

function requireSame(
  attributes: Readonly<Record<string, string>>,
  settings: SubscriptionSettings,
  there: SubscriptionRecord,
): void {
  const [wanted, has] = [settable(settings), settable(there.settings)]
  if (Object.keys(attributes).every((name) => wanted[name] === has[name])) return
  throw invalidParameter('Attributes Reason: Subscription already exists with different attributes')
}

/** A policy that came among attributes is complained about as one of them. */
async function attributed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'policy_invalid') throw error
    throw invalidParameter(`Attributes Reason: ${error.message}`)
  }
}
