import type { AwsService } from '../aws/operation.ts'
import { listStreams } from './list-streams.ts'

/** Kinesis Data Streams, version 2013-12-02. */
export const kinesis: AwsService = {
  name: 'kinesis',
  targets: ['Kinesis_20131202'],
  json: '1.1',
  cbor: true,
  extendedId: true,
  operations: [listStreams],
  absent: ['CreateChannel', 'DeleteChannel', 'DescribeChannel', 'ListChannels', 'UpdateChannel'],
}
