/** What the `millrace` command ends with; `millrace --help` and docs/operating.md say the same. */
export const exitCodes = {
  done: 0,
  /** The broker refused, or some lines of a put were not stored. */
  failed: 1,
  /** The command line, or something it names, is not as it must be. */
  usage: 2,
  unreachable: 3,
} as const
