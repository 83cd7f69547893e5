import type { ErrorRow } from './error-row.ts'

/** The errors of functions, bindings and patterns: a part of the table in errors.ts. */
export const functionErrors = {
  concurrency_exceeded: {
    status: 429,
    retry: true,
    text: 'Function {function} runs {limit} times at once already.',
    fix: 'Call it again later, or raise its reserved concurrency.',
  },
  function_not_found: {
    status: 404,
    retry: false,
    text: 'There is no function {function}.',
    fix: 'Add it: millrace function add {function} PATH --handler FILE.EXPORT',
  },
  function_exists: {
    status: 409,
    retry: false,
    text: 'Function {function} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  function_code: {
    status: 400,
    retry: false,
    text: 'The code of function {function} cannot be used: {reason}.',
    fix: 'Correct the archive or the path and send it again.',
  },
  binding_not_found: {
    status: 404,
    retry: false,
    text: 'There is no binding {binding}.',
    fix: 'List them: millrace bindings',
  },
  binding_owned: {
    status: 409,
    retry: false,
    text: 'Binding {binding} is a way out of {kind} {owner}: {route}.',
    fix: 'Change or delete it with the operations for a {kind}; it may be paused here.',
  },
  binding_exists: {
    status: 409,
    retry: false,
    text: 'Binding {binding} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  pattern_invalid: {
    status: 400,
    retry: false,
    text: 'Event pattern is not valid. Reason: {reason}',
    fix: 'See docs/bindings.md, "Patterns".',
  },
} as const satisfies Record<string, ErrorRow>
