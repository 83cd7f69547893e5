import type { Broker } from '../../broker.ts'
import { type ApiDestinationRecord, apiDestinationArn } from '../../modes/bus-record.ts'
import { invalid } from './errors.ts'
import { resourceIn } from './names.ts'

/** What making and changing an API destination answers. */
export function destinationMade({ buses }: Broker, record: ApiDestinationRecord): object {
  const connection = buses.connections.connections.get(record.connection)
  return {
    ApiDestinationArn: apiDestinationArn(record),
    ApiDestinationState: connection?.auth === undefined ? 'INACTIVE' : 'ACTIVE',
    CreationTime: new Date(record.createdAt),
    LastModifiedTime: new Date(record.modifiedAt),
  }
}

/** What the lists tell of an API destination. */
export function destinationSummary(broker: Broker, record: ApiDestinationRecord): object {
  return {
    ...destinationMade(broker, record),
    Name: record.name,
    ConnectionArn: record.connectionArn,
    InvocationEndpoint: record.url,
    HttpMethod: record.method,
    InvocationRateLimitPerSecond: record.perSecond,
  }
}

/** The connection that an ARN names. */
export function connectionIn(arn: string): { readonly connection: string; readonly connectionArn: string } {
  return { connection: resourceIn(arn).path.split('/')[0] ?? '', connectionArn: arn }
}

/** @throws AwsError ValidationException */
export function endpointIn(url: string): string {
  if (/^https?:\/\//.test(url) && URL.canParse(url.replaceAll('*', 'x'))) return url
  throw invalid('Parameter InvocationEndpoint is not valid. Reason: it must be an HTTPS URL.')
}
