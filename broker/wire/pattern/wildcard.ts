import { invalid } from './invalid.ts'
import type { Test } from './tree.ts'

/** AWS bounds the work of a match by the pattern: so many stars may have the same character behind them. */
const sameFollowersMax = 4

/** `{"wildcard": "*.png"}`: a star is any run of characters, also none; `\*` and `\\` are the characters themselves. */
export function wildcard(argument: unknown): Test {
  if (typeof argument !== 'string') throw invalid('wildcard match pattern must be a string')
  const pieces = piecesOf(argument)
  requireSimple(pieces)
  const [first, ...rest] = pieces as [string, ...string[]]
  if (rest.length === 0) {
    // An empty pattern has nothing it could match.
    return { matches: (value) => value === first && first !== '', handle: { by: 'value', value: first } }
  }
  const last = rest.pop() as string
  const handle =
    first.length >= last.length
      ? ({ by: 'prefix', text: first, fold: false } as const)
      : ({ by: 'suffix', text: last, fold: false } as const)
  return { matches: (value) => typeof value === 'string' && fits(value, first, rest, last), handle }
}

/** Each piece between stars is looked for behind the one before it; the first place is as good as any. */
function fits(value: string, first: string, middle: readonly string[], last: string): boolean {
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
  const end = value.length - last.length
  let at = first.length
  for (const piece of middle) {
    const found = value.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

/** What stands between the stars; one piece when there is none. */
function piecesOf(text: string): string[] {
  const pieces = ['']
  let starAt = -2
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string
    if (character === '*') {
      if (starAt === i - 1) throw invalid(`Consecutive wildcard characters at pos ${i}`)
      starAt = i
      pieces.push('')
    } else if (character === '\\') {
      const escaped = text[++i]
      if (escaped !== '*' && escaped !== '\\') throw invalid(`Invalid escape character at pos ${i - 1}`)
      pieces[pieces.length - 1] += escaped
    } else {
      pieces[pieces.length - 1] += character
    }
  }
  return pieces
}

function requireSimple(pieces: readonly string[]): void {
  const followers = new Map<string, number>()
  for (const piece of pieces.slice(1)) {
    const follower = piece[0]
    if (follower === undefined) continue
    const count = (followers.get(follower) ?? 0) + 1
    followers.set(follower, count)
    if (count <= sameFollowersMax) continue
    throw invalid(
      'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    )
  }
}
