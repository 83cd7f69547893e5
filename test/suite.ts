import * as uvu from 'uvu'

type Handler = () => unknown

/** A suite of uvu's: a call for each test, then `run`. */
export interface Suite {
  (name: string, body: Handler): void
  /** Says why a test cannot run here; it is counted as skipped. */
  skip(name: string, reason: string): void
  run(): void
}

/**
 * uvu's suite, made safe for errors whose `details` are no text, as those of MillraceError are: uvu takes an error's details for a
 * diff, fails on them, and then ends the file without a word.
 */
export function suite(name: string): Suite {
  const suite = uvu.suite(name)
  const add = (test: string, body: Handler) => suite(test, () => run(body))
  return Object.assign(add, {
    skip(test: string, reason: string) {
      console.log(`skipped: ${test}: ${reason}`)
      suite.skip(test)
    },
    run: () => suite.run(),
  })
}

async function run(body: Handler): Promise<void> {
  try {
    await body()
  } catch (error) {
    if (error instanceof Error && typeof (error as { details?: unknown }).details === 'object') throw told(error)
    throw error
  }
}

function told(error: Error): Error {
  const { details } = error as { details?: unknown }
  const plain = new Error(`${error.message} ${JSON.stringify(details)}`, { cause: error })
  if (error.stack !== undefined) plain.stack = error.stack
  return plain
}
