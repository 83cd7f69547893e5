import { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'
import { alreadyExists, busNotFound, invalid, limitExceeded, notFound } from './errors.ts'

/** What the broker's own errors are called here. */
export function translateEvents(error: MillraceError): AwsError | undefined {
  const { details } = error
  switch (error.code) {
    case 'bus_not_found':
      return busNotFound(String(details['bus']))
    case 'bus_exists':
      return alreadyExists(`Event bus ${details['bus']} already exists.`)
    case 'bus_kept':
      return details['bus'] === 'default'
        ? invalid('Cannot delete event bus default.')
        : invalid(`Event bus ${details['bus']} can't be deleted since it has rules.`)
    case 'rule_not_found':
      return notFound(`Rule ${details['rule']} does not exist on EventBus ${details['bus']}.`)
    case 'archive_not_found':
      return notFound(`Archive ${details['archive']} does not exist.`)
    case 'archive_exists':
      return alreadyExists(`Archive ${details['archive']} already exists.`)
    case 'replay_not_found':
      return notFound(`Replay ${details['replay']} does not exist.`)
    case 'replay_exists':
      return alreadyExists(`Replay ${details['replay']} already exists.`)
    case 'replay_over':
      return new AwsError(
        'IllegalStatusException',
        `Replay ${details['replay']} is not in a valid state for this operation.`,
      )
    case 'connection_not_found':
      return notFound(`Failed to describe the connection(s). Connection '${details['connection']}' does not exist.`)
    case 'connection_exists':
      return alreadyExists(`Connection ${details['connection']} already exists.`)
    case 'destination_not_found':
      return notFound(
        `Failed to describe the api-destination(s). An api-destination '${details['destination']}' does not exist.`,
      )
    case 'destination_exists':
      return alreadyExists(`An api-destination ${details['destination']} already exists.`)
    case 'pattern_invalid':
      return new AwsError('InvalidEventPatternException', error.message, { cause: error })
    case 'limit_exceeded':
      return limitExceeded(error)
    case 'invalid_field':
      return invalid(`Parameter ${details['field']} is not valid. Reason: ${details['reason']}`)
    case 'internal':
      return new AwsError('InternalException', error.message, { status: 500, cause: error.cause ?? error })
    default:
      return undefined
  }
}
