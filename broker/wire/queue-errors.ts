import type { ErrorRow } from './error-row.ts'

/** The errors of queues: a part of the table in errors.ts. */
export const queueErrors = {
  queue_not_found: {
    status: 404,
    retry: false,
    text: 'There is no queue {queue}.',
    fix: 'Create it: millrace queue create {queue}',
  },
  queue_exists: {
    status: 409,
    retry: false,
    text: 'Queue {queue} exists already, with another {setting}.',
    fix: 'Use it as it is, choose another name, or delete it first.',
  },
  message_too_large: {
    status: 413,
    retry: false,
    text: 'A message of {bytes} bytes is over the limit of {limit}.',
    fix: 'Send less; the limit is for body and attributes together.',
  },
  group_required: {
    status: 400,
    retry: false,
    text: 'Queue {queue} is FIFO: each message needs a group.',
    fix: 'Give the message a group: messages of one group are received in order.',
  },
  deduplication_required: {
    status: 400,
    retry: false,
    text: 'Queue {queue} has no content-based deduplication: each message needs a deduplication id.',
    fix: 'Give the message a deduplicationId, or turn contentBasedDeduplication on.',
  },
  delay_not_allowed: {
    status: 400,
    retry: false,
    text: 'Queue {queue} is FIFO: a message of its own delay ({millis} ms) would change the order.',
    fix: "Set the queue's delayMillis instead.",
  },
  handle_invalid: {
    status: 400,
    retry: false,
    text: '{handle} is not a handle of a message of queue {queue}.',
    fix: 'Use the handle as it came with the message.',
  },
  handle_expired: {
    status: 409,
    retry: false,
    text: "The message's handle has expired: its visibility timeout is over.",
    fix: 'Receive it again; a longer visibility timeout, or extending it, avoids that.',
  },
  not_in_flight: {
    status: 409,
    retry: false,
    text: 'The message is not in flight.',
    fix: 'Receive it again: its visibility timeout is over.',
  },
  message_gone: {
    status: 404,
    retry: false,
    text: 'The message is gone, or was given to another receiver.',
    fix: 'Nothing: it is no longer yours to settle.',
  },
  visibility_too_long: {
    status: 400,
    retry: false,
    text: 'A message can be in flight for {limit} ms in all, from its receive on.',
    fix: 'Extend by less, or let it come again.',
  },
  in_flight_limit: {
    status: 409,
    retry: true,
    text: 'Queue {queue} has {limit} messages in flight, which is the limit.',
    fix: 'Delete or release some of them first.',
  },
  dead_letter_invalid: {
    status: 400,
    retry: false,
    text: 'Queue {target} cannot be the dead-letter queue of {queue}: {reason}.',
    fix: 'Name another queue, or change that one.',
  },
  task_not_found: {
    status: 404,
    retry: false,
    text: 'Queue {queue} has no move task {task}.',
    fix: 'List its tasks: GET /v1/queues/{queue}/moves',
  },
  task_running: {
    status: 409,
    retry: true,
    text: 'A move task of queue {queue} is running already.',
    fix: 'Wait for it, or cancel it.',
  },
  task_ended: {
    status: 409,
    retry: false,
    text: 'Move task {task} has ended ({state}).',
    fix: 'Only a running task can be cancelled.',
  },
} as const satisfies Record<string, ErrorRow>
