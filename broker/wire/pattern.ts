import { isMatching } from './pattern/match.ts'
import { type Dialect, eventBridge, parsePattern } from './pattern/parse.ts'
import type { PatternNode } from './pattern/tree.ts'
import { undotted } from './pattern/undotted.ts'

export { type Dialect, eventBridge, lambdaFilter, snsFilter } from './pattern/parse.ts'
export { PatternIndex } from './pattern/pattern-index.ts'

/**
 * An event pattern, compiled: which events somebody wants, as JSON of the same shape as the events. EventBridge's rules, Lambda's filter
 * criteria and SNS's filter policies are dialects of this one language (docs.aws.amazon.com/eventbridge, "Event patterns").
 */
export class Pattern {
  /** What it was compiled from: JSON text. */
  readonly source: string
  readonly root: PatternNode

  private constructor(source: string, root: PatternNode) {
    this.source = source
    this.root = root
  }

  /**
   * Compiles JSON text, or a value that was read from it.
   * @throws pattern_invalid, with the reason in AWS's words
   */
  static compile(source: unknown, dialect: Dialect = eventBridge): Pattern {
    const root = parsePattern(source, dialect)
    return new Pattern(typeof source === 'string' ? source : JSON.stringify(source), root)
  }

  /** Whether `event`, a JSON value, is one of those wanted. */
  matches(event: unknown): boolean {
    return isMatching(this.root, undotted(event))
  }
}
