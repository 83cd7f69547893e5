/** A statement of a resource policy: JSON as AWS has it. */
export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Principal: unknown
  readonly Action: string
  readonly Resource: string
  readonly Condition?: unknown
}
