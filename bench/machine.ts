import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'
import { promisify } from 'node:util'
import type { Machine } from './result.ts'

/** Linux's numbers for file systems, as statfs(2) lists them. */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  2035054128: 'overlayfs',
  16914836: 'tmpfs (memory: a flush does nothing there)',
}

/** The machine, as far as it bears on the figures. */
export async function describeMachine(directory: string): Promise<Machine> {
  const { type: kind } = await statfs(directory)
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release().split('-')[0]}`,
    node: process.version,
    fileSystem: fileSystems[kind] ?? `type 0x${kind.toString(16)}`,
  }
}

/** The commit that is checked out, with a `+` when files differ from it; `unknown` outside a repository. */
export async function describeCommit(root: string): Promise<string> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', ['-C', root, ...args])).stdout.trim()
  try {
    const changes = await git('status', '--porcelain', '--', 'broker', 'client', 'bench', 'package-lock.json')
    return `${await git('rev-parse', '--short=12', 'HEAD')}${changes === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}
