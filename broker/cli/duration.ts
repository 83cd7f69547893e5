import { InvalidArgumentError } from 'commander'
import parse from 'parse-duration'
import prettyMilliseconds from 'pretty-ms'

/** Milliseconds from text such as `10m`, `1h30m` or `7d`; undefined when it is none. A number needs its unit. */
export function parseDuration(text: string): number | undefined {
  const millis = /[a-z]/i.test(text) ? parse(text) : null
  return millis === null ? undefined : Math.round(millis)
}

/** For options: as parseDuration, and refuses what is not above 0. */
export function durationArgument(text: string): number {
  const millis = parseDuration(text)
  if (millis === undefined || millis <= 0)
    throw new InvalidArgumentError('Give a length of time, such as 10m, 12h or 7d.')
  return millis
}

/** For options: as parseDuration, 0 included. */
export function durationOrZeroArgument(text: string): number {
  return text === '0' || text === '0s' ? 0 : durationArgument(text)
}

/** A length of time as people read it: `1d 12h`. */
export function durationText(millis: number): string {
  return prettyMilliseconds(millis)
}
