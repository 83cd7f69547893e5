import { statfs } from 'node:fs/promises'
import { constants } from 'node:os'
import { MillraceError } from '../wire/errors.ts'

/** Disk space that is never filled by commits, so that the catalog, an index and the operator still have room. */
const reserveBytesMax = 64 * 1024 ** 2

/** What a change of the catalog or a new segment takes beyond what is written: copied pages, headers, a lock file. */
const tableMarginBytes = 256 * 1024

/** Watches the free space of a data directory, because LMDB cannot tell a full disk from a broken one. */
export class DiskSpace {
  readonly #path: string
  /** Bytes that may be written before the system is asked again. */
  #credit = 0

  constructor(path: string) {
    this.#path = path
  }

  /**
   * Makes sure that there is room for `bytes` more, asking the system only every so many bytes.
   * @throws store_full
   */
  async require(bytes: number): Promise<void> {
    if (this.#credit > bytes) {
      this.#credit -= bytes
      return
    }
    const { free, reserve } = await this.#measure()
    if (free - reserve < bytes) throw this.#full(free)
    this.#credit = Math.min(free - reserve - bytes, reserve) / 2
  }

  /**
   * Makes sure that there is room for `bytes` of the broker's own tables, for which the reserve is kept. Asks the system every time: LMDB
   * is not to be let near a disk without any room, where a new environment's lock file cannot even be mapped.
   * @throws store_full
   */
  async requireReserved(bytes: number): Promise<void> {
    const { free } = await this.#measure()
    if (free < bytes + tableMarginBytes) throw this.#full(free)
  }

  /**
   * The store_full that a failed write of `bytes` was, or undefined when there is room and it was something worse. What the system called a
   * full disk is one even if somebody has made room since.
   */
  async excuse(bytes: number, cause: unknown): Promise<MillraceError | undefined> {
    this.forget()
    try {
      const { free, reserve } = await this.#measure()
      return free < bytes + reserve || isNoSpace(cause) ? this.#full(free, cause) : undefined
    } catch {
      // A disk that does not even say how full it is has something worse.
      return undefined
    }
  }

  /** Asks the system before the next write: space was freed, or the last answer turned out wrong. */
  forget(): void {
    this.#credit = 0
  }

  async #measure(): Promise<{ free: number; reserve: number }> {
    const { bavail, bsize, blocks } = await statfs(this.#path)
    return { free: bavail * bsize, reserve: Math.min(reserveBytesMax, (blocks * bsize) / 16) }
  }

  #full(free: number, cause?: unknown): MillraceError {
    return new MillraceError('store_full', { reason: `${free} bytes are free in ${this.#path}` }, cause)
  }
}

/** LMDB gives the system's error as its number, Node as its name. */
function isNoSpace(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { code?: unknown }
  return code === constants.errno.ENOSPC || code === 'ENOSPC'
}
