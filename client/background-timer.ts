/** A timer that does not keep a process alive which has nothing else to do. */
export interface BackgroundTimer {
  cancel(): void
}

/** Calls `callback` once, `millis` from now. */
export function backgroundTimer(millis: number, callback: () => void): BackgroundTimer {
  const timer: unknown = setTimeout(callback, millis)
  // In a browser a timer is a number, and a page has no such end.
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
  return { cancel: () => clearTimeout(timer as number) }
}
