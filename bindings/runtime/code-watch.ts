import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Code is looked at again no sooner than this. */
const lookMillis = 200
/** Files looked at; who has more in a function's directory restarts the function by hand. */
const filesMax = 2_000

/** Tells whether files in a directory changed: `generation` is another text after each change that was seen. */
export class CodeWatch {
  readonly #directory: string
  #generation = ''
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The state of the files, as of now or very recently. */
  async generation(): Promise<string> {
    if (performance.now() - this.#lookedAt >= lookMillis) {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined
      })
      await this.#looking
    }
    return this.#generation
  }

  async #look(): Promise<void> {
    const seen: string[] = []
    await collect(this.#directory, seen)
    this.#generation = seen.join('\n')
    this.#lookedAt = performance.now()
  }
}

/** Sizes and times of the files of a directory and those in it, but for installed packages and hidden files. */
async function collect(directory: string, seen: string[]): Promise<void> {
  // A directory that vanished between two looks has no files.
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (seen.length >= filesMax || entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await collect(path, seen)
    else seen.push(await fingerprint(path))
  }
}

async function fingerprint(path: string): Promise<string> {
  // A file that vanished since it was listed has no size, which is a change too.
  const status = await stat(path).catch(() => undefined)
  return `${path} ${status?.size} ${status?.mtimeMs}`
}
