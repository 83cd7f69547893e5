/** Runs `callback` when the event loop has dealt with what is there now: in Node behind the I/O of this turn, elsewhere as soon as may be. */
export const endOfTurn: (callback: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : (callback) => setTimeout(callback, 0)
