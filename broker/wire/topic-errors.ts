import type { ErrorRow } from './error-row.ts'

/** The errors of topics, their subscriptions and publications; see errors.ts. */
export const topicErrors = {
  topic_not_found: {
    status: 404,
    retry: false,
    text: 'There is no topic {topic}.',
    fix: 'Create it: millrace topic create {topic}',
  },
  topic_exists: {
    status: 409,
    retry: false,
    text: 'Topic {topic} exists already, with other {setting}.',
    fix: 'Use it as it is, choose another name, or delete it first.',
  },
  subscription_not_found: {
    status: 404,
    retry: false,
    text: 'Topic {topic} has no subscription {subscription}.',
    fix: 'List them: millrace topic subscriptions {topic}',
  },
  subscription_exists: {
    status: 409,
    retry: false,
    text: 'Topic {topic} has a subscription {subscription} already, with other settings.',
    fix: 'Change that one, or choose another name.',
  },
  listener_behind: {
    status: 503,
    retry: true,
    text: 'Whoever listens to topic {topic} took nothing while more than {limit} bytes were published.',
    fix: 'Listen again, and take messages sooner; a durable subscription misses nothing.',
  },
  token_invalid: {
    status: 400,
    retry: false,
    text: 'The token confirms no subscription of topic {topic}.',
    fix: 'Send back the token as it came, within two days; or subscribe again.',
  },
  policy_invalid: {
    status: 400,
    retry: false,
    text: '{policy}: {reason}',
    fix: 'Correct it and send it again.',
  },
  publication_too_large: {
    status: 413,
    retry: false,
    text: 'What is published comes to {bytes} bytes for all that get it; the limit is {limit}.',
    fix: 'Send less, or to fewer: all of them get it in one commit.',
  },
} as const satisfies Record<string, ErrorRow>
