import type { ErrorRow } from './error-row.ts'

/** The errors of event buses: a part of the table in errors.ts. */
export const busErrors = {
  bus_not_found: {
    status: 404,
    retry: false,
    text: 'There is no event bus {bus}.',
    fix: 'Create it: millrace bus create {bus}',
  },
  bus_exists: {
    status: 409,
    retry: false,
    text: 'Event bus {bus} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  bus_kept: { status: 400, retry: false, text: 'Event bus {bus} cannot be deleted: {reason}.', fix: 'Keep it.' },
  event_malformed: {
    status: 400,
    retry: false,
    text: 'The event cannot be taken: {reason}.',
    fix: 'Send a source, a detail type, and a detail that is a JSON object.',
  },
  rule_not_found: {
    status: 404,
    retry: false,
    text: 'Event bus {bus} has no rule {rule}.',
    fix: 'List its rules: millrace bus rules {bus}',
  },
  archive_not_found: { status: 404, retry: false, text: 'There is no archive {archive}.', fix: 'Create it first.' },
  archive_exists: {
    status: 409,
    retry: false,
    text: 'Archive {archive} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  replay_not_found: { status: 404, retry: false, text: 'There is no replay {replay}.', fix: 'Start it first.' },
  replay_exists: {
    status: 409,
    retry: false,
    text: 'Replay {replay} exists already.',
    fix: 'Choose another name: a replay is told from others by it.',
  },
  replay_over: {
    status: 409,
    retry: false,
    text: 'Replay {replay} is over: it is {state}.',
    fix: 'Nothing: there is nothing to cancel any more.',
  },
  connection_not_found: {
    status: 404,
    retry: false,
    text: 'There is no connection {connection}.',
    fix: 'Create it first.',
  },
  token_missing: {
    status: 502,
    retry: true,
    text: 'Connection {connection} got no access token from {endpoint}.',
    fix: 'See what its authorization endpoint answers.',
  },
  connection_exists: {
    status: 409,
    retry: false,
    text: 'Connection {connection} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  destination_exists: {
    status: 409,
    retry: false,
    text: 'API destination {destination} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  destination_not_found: {
    status: 404,
    retry: false,
    text: 'There is no API destination {destination}.',
    fix: 'Create it first.',
  },
  delivery_failed: {
    status: 400,
    retry: false,
    text: 'Rule {rule} of event bus {bus} could not deliver to {target}: {reason}',
    fix: 'Correct its target, or give it a dead-letter queue.',
  },
  target_unsupported: {
    status: 400,
    retry: false,
    text: '{arn} names nothing that events can go to here.',
    fix: 'Use the ARN of a queue, a stream, a function, a topic, a bus or an API destination.',
  },
} as const satisfies Record<string, ErrorRow>
