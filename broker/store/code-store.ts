import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { syncDirectory } from './data-directory.ts'
import { type UnzipLimits, unzip } from './unzip.ts'

/** An archive that is kept. */
export interface StoredCode {
  /** SHA-256 in hexadecimal: its name here. */
  readonly hash: string
  /** Of the archive. */
  readonly bytes: number
}

/** Archives of functions' code, each under the hash of its bytes: the file, and unpacked beside it. */
export class CodeStore {
  readonly #limits: UnzipLimits
  readonly #isTemporary: boolean
  #path: string | undefined
  #opening: Promise<string> | undefined

  /** Keeps them in `path`; without one, in a temporary directory that goes with the store. */
  constructor(path: string | undefined, limits: UnzipLimits) {
    this.#path = path
    this.#isTemporary = path === undefined
    this.#limits = limits
  }

  /**
   * Checks, unpacks and keeps an archive; durable when this resolves.
   * @throws Error that says what is wrong with the archive
   */
  async put(archive: Uint8Array): Promise<StoredCode> {
    const hash = createHash('sha256').update(archive).digest('hex')
    const stored = { hash, bytes: archive.length }
    const root = await this.#open()
    const file = join(root, `${hash}.zip`)
    await this.#unpack(root, hash, archive)
    if (await exists(file)) return stored
    const temporary = join(root, `${hash}.${randomUUID()}.tmp`)
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(archive)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    await syncDirectory(root)
    return stored
  }

  /** Where an archive lies unpacked; it is unpacked again if that is gone. */
  async directory(hash: string): Promise<string> {
    const root = await this.#open()
    const directory = join(root, hash)
    if (!(await exists(directory))) await this.#unpack(root, hash, await this.read(hash))
    return directory
  }

  /** The archive itself. */
  async read(hash: string): Promise<Uint8Array> {
    return readFile(join(await this.#open(), `${hash}.zip`))
  }

  /** Where the archive itself lies. */
  async location(hash: string): Promise<string> {
    return pathToFileURL(join(await this.#open(), `${hash}.zip`)).href
  }

  /** Removes whatever is not among `kept`, leftovers of a crash included. Only while no function runs. */
  async keepOnly(kept: ReadonlySet<string>): Promise<void> {
    if (this.#path === undefined || !(await exists(this.#path))) return
    for (const name of await readdir(this.#path)) {
      if (!kept.has(name.replace(/\.zip$/, ''))) await rm(join(this.#path, name), { recursive: true, force: true })
    }
  }

  async close(): Promise<void> {
    if (this.#isTemporary && this.#path !== undefined) await rm(this.#path, { recursive: true, force: true })
  }

  /** The directory is made when there is something to put there: most brokers have no functions. */
  async #open(): Promise<string> {
    this.#opening ??= this.#make()
    this.#path = await this.#opening
    return this.#path
  }

  async #make(): Promise<string> {
    if (this.#path === undefined) return mkdtemp(join(tmpdir(), 'millrace-code-'))
    await mkdir(this.#path, { recursive: true })
    return this.#path
  }

  /** Unpacks beside, and moves it there whole, so that what is there is never half of it. */
  async #unpack(root: string, hash: string, archive: Uint8Array): Promise<void> {
    const directory = join(root, hash)
    if (await exists(directory)) return
    const temporary = join(root, `${hash}.${randomUUID()}`)
    await mkdir(temporary)
    try {
      await unzip(archive, temporary, this.#limits)
      await rename(temporary, directory)
    } catch (error) {
      await rm(temporary, { recursive: true, force: true })
      // Another call was faster: that is as good.
      if (!(await exists(directory))) throw error
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
