import { dirname, join, normalize } from 'node:path'
import type { Source } from './sources.ts'

/**
 * The text of a file with its comments, the insides of its strings and its regular expressions blanked out, line by line
 * as before: what is left is code. Good enough for code that the formatter wrote.
 */
export function codeOf(text: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[(,=:[!&|?{};]\s*|return )\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/g
  return text.replace(token, (found) => {
    const quote = /^['"`]/.test(found) ? (found[0] as string) : ''
    const inside = quote === '' ? found : found.slice(1, -1)
    return quote + inside.replace(/[^\n]/g, ' ') + quote
  })
}

/** The files and packages that a file imports, by any form of import, types too, and programs that it starts by their URL. */
export function importsOf({ path, text }: Source): { files: string[]; packages: string[] } {
  const names = [
    ...text.matchAll(/^\s*(?:import|export)\b[^'"`]*?\bfrom '([^']+)'/gm),
    ...text.matchAll(/^\s*import '([^']+)'/gm),
    ...text.matchAll(/\bimport\('([^']+)'\)/g),
    ...text.matchAll(/new URL\('(\.[^']+\.js)', import\.meta\.url\)/g),
  ].map(([, name]) => name as string)
  const files = names
    .filter((name) => name.startsWith('.'))
    .map((name) =>
      normalize(join(dirname(path), name))
        .replaceAll('\\', '/')
        .replace(/\.js$/, '.ts'),
    )
  return { files, packages: names.filter((name) => !name.startsWith('.')) }
}

/** A function: where it begins, counted from 1, and how many lines it has. */
export interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
}

/**
 * The functions of a file with more than one line. The formatter puts the end of whatever a line begins at that line's own
 * indentation, so no parser is needed to find it.
 */
export function functionsOf(text: string): FunctionSize[] {
  const lines = codeOf(text).split('\n')
  return lines.flatMap((line, i) => {
    const name = nameOfFunction(line, lines.slice(i + 1))
    if (name === undefined) return []
    const indent = indentOf(line)
    const end = lines.findIndex((other, j) => j > i && indentOf(other) === indent && /^ *\}(?:.*[^({[])?$/.test(other))
    return end === -1 ? [] : [{ name, line: i + 1, lines: end - i + 1 }]
  })
}

const notNames = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'super', 'await', 'throw', 'new'])

/** The name of the function or method that begins on this line, or the line itself of one that has none. */
function nameOfFunction(line: string, rest: readonly string[]): string | undefined {
  const named = /^ *(?:export )?(?:default )?(?:async )?function\*? ?(\w*)/.exec(line)
  if (named !== null) return named[1] || 'a function'
  const method = /^ *(?:(?:static|override|async|get|set) )*\*?(#?\w+)(?:<[^>]*>)?\((.*)$/.exec(line)
  if (method !== null && !notNames.has(method[1] as string)) {
    if (/\{$/.test(line) && !/=> \{$/.test(line)) return method[1]
    // The parameters are on lines of their own: a call ends behind them, a method's body begins there.
    const close = rest.find((other) => indentOf(other) === indentOf(line))
    if (/\($/.test(line) && /^ *\).*\{$/.test(close ?? '')) return method[1]
  }
  return /=> \{$/.test(line) ? line.trim().slice(0, 60) : undefined
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
