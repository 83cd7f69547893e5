import { spawnSync } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A small disk of its own, in memory, that fills up. */
export interface SmallDisk {
  readonly path: string
  /** Takes all the space that is left. */
  fill(): Promise<void>
  /** Gives it back. */
  empty(): Promise<void>
  unmount(): void
}

/** Why there can be no small disk on this machine; undefined when there can. */
export function noSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has tmpfs'
  if (process.getuid?.() !== 0) return 'mounting a tmpfs takes root'
  return undefined
}

/** Mounts one of `bytes` on the empty directory `path`. */
export function mountSmallDisk(path: string, bytes: number): SmallDisk {
  run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path)
  const filler = join(path, 'filler')
  return {
    path,
    fill: () => takeAll(filler),
    empty: () => rm(filler, { force: true }),
    unmount: () => run('umount', path),
  }
}

async function takeAll(filler: string): Promise<void> {
  const handle = await open(filler, 'w')
  try {
    for (const size of [1024 * 1024, 4096]) {
      const block = new Uint8Array(size)
      while (await fits(handle.write(block)));
    }
  } finally {
    await handle.close()
  }
}

async function fits(writing: Promise<{ bytesWritten: number }>): Promise<boolean> {
  try {
    return (await writing).bytesWritten > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
