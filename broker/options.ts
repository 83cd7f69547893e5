/** A setting of `millrace serve`: one line here makes its flag, its environment variable, its help and its documentation. */
export interface Option {
  /** The flag without its dashes, such as `port`. */
  readonly name: string
  /** What stands for the value in help; none for a switch. */
  readonly value?: string
  readonly default?: string
  readonly choices?: readonly string[]
  /** May be given several times; in the environment, separated by commas. */
  readonly repeatable?: true
  readonly help: string
}

export const options = [
  {
    name: 'host',
    value: 'address',
    default: '127.0.0.1',
    help: 'address to listen on; others than loopback need --token, --aws-credentials or --insecure',
  },
  {
    name: 'port',
    value: 'port',
    default: '4566',
    help: 'port for everything: HTTP/1.1, HTTP/2, TLS; 0 takes any free one',
  },
  { name: 'data', value: 'directory', default: './data', help: 'where the log is kept' },
  { name: 'memory', help: 'keep everything in memory, for tests; gone when the process ends' },
  {
    name: 'clock',
    value: 'kind',
    default: 'real',
    choices: ['real', 'manual'],
    help: 'manual: time stands still until POST /v1/clock/advance',
  },
  {
    name: 'limits',
    value: 'set',
    default: 'relaxed',
    choices: ['relaxed', 'strict'],
    help: "strict: AWS's rate quotas apply",
  },
  {
    name: 'log-bytes',
    value: 'size',
    help: 'bytes the log may take on disk, such as 20GiB; then the oldest segments go',
  },
  { name: 'token', value: 'token', help: 'what native clients must send as their bearer token' },
  {
    name: 'aws-credentials',
    value: 'id:secret',
    repeatable: true,
    help: 'AWS calls must be signed with one of these; @FILE reads one a line',
  },
  {
    name: 'grant',
    value: 'token rules',
    repeatable: true,
    help: 'a token that is good for less: "TOKEN read:streams/flights write:queues/jobs-*"',
  },
  {
    name: 'allow-origin',
    value: 'origin',
    repeatable: true,
    help: 'let pages of this origin use the broker, such as https://app.example.com; * for all',
  },
  { name: 'insecure', help: 'let everyone in who reaches a public address' },
  {
    name: 'private-targets',
    help: 'let bindings deliver by HTTP to private addresses, even if others reach this broker',
  },
  { name: 'tls-cert', value: 'file', help: 'certificate (PEM): the port then speaks TLS too' },
  { name: 'tls-key', value: 'file', help: 'its private key (PEM)' },
  { name: 'quiet', help: 'print no banner' },
] as const satisfies readonly Option[]

/** The environment variable of an option: MILLRACE_LOG_BYTES for `log-bytes`. */
export function environmentName(option: Option): string {
  return `MILLRACE_${option.name.toUpperCase().replaceAll('-', '_')}`
}
