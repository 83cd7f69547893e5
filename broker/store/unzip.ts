import { createWriteStream } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Entry, fromBuffer, type ZipFile } from 'yauzl'

export interface UnzipLimits {
  /** Bytes of all files together, unpacked. */
  readonly bytesMax: number
  readonly entriesMax: number
}

const typeMask = 0o170000
const linkType = 0o120000
const linkBytesMax = 4_096

/**
 * Unpacks an archive into an empty directory; returns the bytes of its files. Names that lead out of it are refused, as are files
 * that turn out larger than the archive says, and more bytes than allowed.
 * @throws Error that says what is wrong with the archive
 */
export async function unzip(archive: Uint8Array, directory: string, limits: UnzipLimits): Promise<number> {
  const zip = await open(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength))
  const links: { readonly path: string; readonly target: string }[] = []
  let bytes = 0
  let entries = 0
  try {
    for (let entry = await next(zip); entry !== undefined; entry = await next(zip)) {
      bytes += entry.uncompressedSize
      entries++
      if (bytes > limits.bytesMax) throw new Error(`unzipped size must be smaller than ${limits.bytesMax} bytes`)
      if (entries > limits.entriesMax) throw new Error(`it has more than ${limits.entriesMax} entries`)
      const path = join(directory, entry.fileName)
      if (entry.fileName.endsWith('/')) await mkdir(path, { recursive: true })
      else if (isLink(entry)) links.push({ path, target: await linkTarget(zip, entry, directory, path) })
      else await extract(zip, entry, path)
    }
  } finally {
    zip.close()
  }
  // Links come last, so that no file is written through one.
  for (const { path, target } of links) {
    await mkdir(dirname(path), { recursive: true })
    await symlink(target, path)
  }
  return bytes
}

function open(archive: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, strictFileNames: true, validateEntrySizes: true, autoClose: false }
    fromBuffer(archive, options, (error, zip) => (error ? reject(error) : resolve(zip)))
  })
}

/** The next entry; undefined at the end. A name that is absolute or has `..` in it is an error here. */
function next(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const entry = (found: Entry) => settle(() => resolve(found))
    const end = () => settle(() => resolve(undefined))
    const fail = (error: Error) => settle(() => reject(error))
    const settle = (how: () => void) => {
      zip.off('entry', entry).off('end', end).off('error', fail)
      how()
    }
    zip.on('entry', entry).on('end', end).on('error', fail)
    zip.readEntry()
  })
}

async function extract(zip: ZipFile, entry: Entry, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  // Its owner, who is us, can always read it.
  const mode = ((entry.externalFileAttributes >>> 16) & 0o777) | 0o600
  await pipeline(await contents(zip, entry), createWriteStream(path, { mode, flags: 'wx' }))
}

function contents(zip: ZipFile, entry: Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)))
  })
}

function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & typeMask) === linkType
}

async function linkTarget(zip: ZipFile, entry: Entry, directory: string, path: string): Promise<string> {
  if (entry.uncompressedSize > linkBytesMax) throw new Error(`the link ${entry.fileName} is too long`)
  let target = ''
  for await (const chunk of await contents(zip, entry)) target += chunk
  const absolute = normalize(join(dirname(path), target))
  if (target.startsWith('/') || !absolute.startsWith(directory + sep)) {
    throw new Error(`the link ${entry.fileName} leads out of it`)
  }
  return target
}
