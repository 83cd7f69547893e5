import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout that the compiled tests are part of. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A source file: its path from the root, with slashes, and its text. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** All TypeScript files below `directory` of the root, in order of path. */
export function sourcesIn(directory: string): Source[] {
  const names = readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${directory}/${name.replaceAll('\\', '/')}`)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}
