import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const folder = fileURLToPath(new URL('../../node_modules/.bench', import.meta.url))

/**
 * A rival that is an npm package. It is no dependency of ours: it is fetched, into a folder of its own, when somebody asks to be measured beside
 * it by name, and stays there.
 */
export class FetchedPackage {
  readonly name: string
  readonly version: string
  readonly #root: string

  constructor(name: string, version: string) {
    this.name = name
    this.version = version
    this.#root = join(folder, `${name}@${version}`)
  }

  /** Where one of its files is. */
  file(path: string): string {
    return join(this.#root, 'node_modules', this.name, path)
  }

  /**
   * Sees to it that it is there; `fetch`: by fetching it if it isn't.
   * @throws Error when it is missing and not to be fetched, or cannot be
   */
  async require(fetch: boolean): Promise<void> {
    if (existsSync(this.file('package.json'))) return
    if (!fetch) throw new Error(`it is not here; --rivals ${this.name} fetches it from the npm registry`)
    await mkdir(this.#root, { recursive: true })
    // Nothing of it may run while it is installed, and none of its dependencies needs to.
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock']
    const args = ['install', ...flags, '--prefix', this.#root, `${this.name}@${this.version}`]
    await promisify(execFile)('npm', args, { shell: process.platform === 'win32' })
  }
}
