import { constants } from 'node:os'

/** A signal that fires on Ctrl-C or SIGTERM, so that work ends in order; a second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = (name: 'SIGINT' | 'SIGTERM') => {
    // What shells say of a program that a signal ended: 130 for Ctrl-C.
    process.exitCode = 128 + constants.signals[name]
    if (controller.signal.aborted) process.exit()
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}
