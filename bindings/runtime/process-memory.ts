import { readFile } from 'node:fs/promises'

/** How often a process that works is looked at. */
const lookMillis = 200

/** Looks after the memory of a process, where the system tells: calls `onExceeded`, once, when it has more than it may. */
export class MemoryWatch {
  readonly #timer: NodeJS.Timeout
  #over = false

  constructor(pid: number, megabytesMax: number, onExceeded: () => void) {
    this.#timer = setInterval(() => {
      anonymousMegabytes(pid).then((megabytes) => {
        if (this.#over || megabytes <= megabytesMax) return
        this.stop()
        onExceeded()
      })
    }, lookMillis)
    this.#timer.unref()
  }

  stop(): void {
    this.#over = true
    clearInterval(this.#timer)
  }
}

/** Memory that is the process's own, without mapped files; 0 where that is not told, or the process is gone. */
async function anonymousMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024
}
