import type { ErrorRow } from './error-row.ts'

/** Errors of who may do what from where; part of errors.ts's table. */
export const accessErrors = {
  forbidden: {
    status: 403,
    retry: false,
    text: 'This token may not {what}.',
    fix: 'Use a token that was granted it; docs/browser.md says how.',
  },
  origin_refused: {
    status: 403,
    retry: false,
    text: 'Pages of {origin} may not use this broker.',
    fix: 'Start the broker with --allow-origin {origin}.',
  },
} as const satisfies Record<string, ErrorRow>
