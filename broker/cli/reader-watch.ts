import { lstat, readdir, readlink } from 'node:fs/promises'
import { RealClock } from '../clock.ts'

const lookMillis = 1_000

/**
 * A signal that fires when whoever read our stdout through a pipe is gone. Writing would tell, but in `millrace tail s | head -1`
 * on a quiet stream nothing is left to write, and Node cannot ask. Linux says who holds a pipe; elsewhere, and where the reader
 * belongs to somebody else, it never fires, and the next record finds out.
 */
export async function readerGone(): Promise<AbortSignal> {
  const controller = new AbortController()
  const pipe = await readlink('/proc/self/fd/1').catch(() => '')
  if (!pipe.startsWith('pipe:')) return controller.signal
  const clock = new RealClock()
  const look = async (known: string) => {
    const reader = (await reads(known, pipe)) ? known : await readerOf(pipe)
    if (reader === undefined) controller.abort()
    else clock.after(lookMillis, () => void look(reader))
  }
  const reader = await readerOf(pipe)
  if (reader !== undefined) clock.after(lookMillis, () => void look(reader))
  return controller.signal
}

/** A process that may read from `pipe`. */
async function readerOf(pipe: string): Promise<string | undefined> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(processes.map((each) => reads(each, pipe)))
  return processes[found.indexOf(true)]
}

/** Whether a process has the reading end of `pipe` among its descriptors. Those we may not look at count as if they had not. */
async function reads(process: string, pipe: string): Promise<boolean> {
  const folder = `/proc/${process}/fd`
  const descriptors = await readdir(folder).catch(() => [])
  const found = descriptors.map(async (descriptor) => {
    try {
      const link = `${folder}/${descriptor}`
      // The link's own permissions are those of the descriptor: r for reading.
      return (await readlink(link)) === pipe && ((await lstat(link)).mode & 0o400) !== 0
    } catch {
      return false
    }
  })
  return (await Promise.all(found)).includes(true)
}
