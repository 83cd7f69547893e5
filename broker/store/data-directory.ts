import { createHash } from 'node:crypto'
import { access, constants, mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../wire/errors.ts'

/** What the directory's FORMAT file says. It changes when an older broker could no longer read what a newer one wrote. */
const format = 'millrace 1'

/** How long the holder of a lock may take to say who it is. */
const answerMillisMax = 2_000

/** A data directory that is ours alone until `release`. */
export interface HeldDirectory {
  readonly path: string
  release(): Promise<void>
}

/**
 * Creates `path` if need be, makes sure that its format is ours, and takes it for this process alone.
 * @throws store_locked, store_format, store_unusable; in all cases nothing in the directory was changed
 */
export async function holdDirectory(path: string): Promise<HeldDirectory> {
  const real = await usableDirectory(path)
  const lock = await takeLock(real)
  try {
    await checkFormat(real)
  } catch (error) {
    await closeServer(lock)
    throw error
  }
  return { path: real, release: () => closeServer(lock) }
}

async function usableDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true })
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return await realpath(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('store_unusable', { path, reason }, cause)
  }
}

async function checkFormat(path: string): Promise<void> {
  const file = join(path, 'FORMAT')
  const found = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found === undefined) return writeFormat(path, file)
  if (found.trim() !== format) {
    throw new MillraceError('store_format', { path, found: found.trim().slice(0, 80), known: format })
  }
}

/** Under another name first: a crash in between must not leave a FORMAT that says nothing. */
async function writeFormat(path: string, file: string): Promise<void> {
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w')
  try {
    await handle.writeFile(`${format}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
  await syncDirectory(path)
}

/** Makes the directory's own entries durable: a file that was created can otherwise vanish with the power. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * The lock is a listening local socket named after the directory, because the system takes it away with the process,
 * however that ends; a file with a process id in it would outlive a crash. Who connects is told the holder's id.
 */
async function takeLock(path: string): Promise<Server> {
  const address = lockAddress(path)
  for (let tries = 0; ; tries++) {
    const server = createServer((socket) => socket.on('error', () => socket.destroy()).end(String(process.pid)))
    try {
      await listen(server, address)
      server.unref()
      return server
    } catch (error) {
      const holder = await askHolder(address)
      if (holder !== undefined || tries > 0) {
        throw new MillraceError('store_locked', { path, pid: holder ?? 'unknown' }, error)
      }
      // Only where the socket is a file can a dead process have left one behind.
      if (!address.startsWith('\0')) await rm(address, { force: true })
    }
  }
}

function lockAddress(path: string): string {
  const name = `millrace-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`
  if (process.platform === 'linux') return `\0${name}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  return join(tmpdir(), `${name}.sock`)
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path: address, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** What whoever holds the lock says; undefined when nobody does. One that is too busy to answer holds it all the same. */
function askHolder(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(address)
    socket.setTimeout(answerMillisMax, () => {
      socket.destroy()
      resolve('unknown, it does not answer')
    })
    socket.on('data', (chunk) => {
      said += chunk
    })
    socket.on('end', () => resolve(said))
    socket.on('error', () => resolve(undefined))
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
