import { invalidArgument } from './errors.ts'

const hourMillis = 60 * 60 * 1000
const hoursMin = 24
const hoursMax = 8_760

/**
 * `hours` in milliseconds.
 * @throws AwsError InvalidArgumentException below 24 hours and above 8,760
 */
export function retentionMillisOf(hours: number): number {
  if (hours < hoursMin) {
    throw invalidArgument(
      `Minimum allowed retention period is ${hoursMin} hours. Requested retention period (${hours} hours) is too short.`,
    )
  }
  if (hours > hoursMax) {
    throw invalidArgument(
      `Maximum allowed retention period is ${hoursMax} hours. Requested retention period (${hours} hours) is too long.`,
    )
  }
  return hours * hourMillis
}

/** In hours, as AWS counts it. */
export function retentionHours(millis: number): number {
  return Math.ceil(millis / hourMillis)
}
