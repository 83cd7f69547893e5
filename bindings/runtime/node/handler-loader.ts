import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RuntimeFailure } from './error-body.ts'

/** A handler: async, with a callback, or wrapped for streaming. */
export type Handler = (event: unknown, context: unknown, callback: unknown) => unknown

const extensions = ['.js', '.mjs', '.cjs', '']

/**
 * Loads `path/file.export` from a directory, ES modules and CommonJS alike.
 * @throws RuntimeFailure when there is no such file or export, or it does not compile; whatever it throws itself, as it is
 */
export async function loadHandler(root: string, name: string): Promise<Handler> {
  const match = /^(.*?[^/.][^/]*?|[^/.]+)\.([^/]+)$/.exec(name)
  if (match === null || name.includes('..')) throw new RuntimeFailure('Runtime.MalformedHandlerName', 'Bad handler')
  const [, file, exported] = match as unknown as [string, string, string]
  const module = await importModule(root, file)
  const handler = exported.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], module)
  if (handler === undefined) {
    throw new RuntimeFailure('Runtime.HandlerNotFound', `${name} is undefined or not exported`)
  }
  if (typeof handler !== 'function') throw new RuntimeFailure('Runtime.HandlerNotFound', `${name} is not a function`)
  return handler as Handler
}

async function importModule(root: string, file: string): Promise<unknown> {
  const path = extensions.map((extension) => resolve(root, file + extension)).find((each) => existsSync(each))
  if (path === undefined) {
    throw new RuntimeFailure('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`)
  }
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    // What CommonJS exports and Node cannot tell beforehand is on `default` alone.
    return isObject(module.default) ? { ...module.default, ...module } : module
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeFailure('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error)
    }
    if (isMissingModule(error)) {
      throw new RuntimeFailure('Runtime.ImportModuleError', `Error: ${error.message}`, error)
    }
    throw error
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function isMissingModule(error: unknown): error is Error {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
}
