import { apigateway } from '../apigateway/service.ts'
import { events } from '../events/service.ts'
import { executeApi } from '../execute-api/service.ts'
import { kinesis } from '../kinesis/service.ts'
import { lambda } from '../lambda/service.ts'
import { scheduler } from '../scheduler/service.ts'
import { sns, snsCertificates } from '../sns/service.ts'
import { sqs } from '../sqs/service.ts'
import type { AwsService } from './operation.ts'

/** What the AWS door opens to: one line a service. */
export const awsServices: readonly AwsService[] = [
  kinesis,
  sqs,
  sns,
  snsCertificates,
  lambda,
  events,
  apigateway,
  scheduler,
  executeApi,
]
