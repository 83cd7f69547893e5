import { InvalidArgumentError } from 'commander'

/** For options and arguments: a JSON object. */
export function objectArgument(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('Give JSON, in quotes so that the shell leaves it as it is.')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidArgumentError('Give a JSON object, such as \'{"total": 42}\'.')
}
