import type { RouteDelivery } from '../wire/binding.ts'
import { MillraceError } from '../wire/errors.ts'
import type { RetryPhase, RetrySchedule } from '../wire/retry-schedule.ts'

/**
 * SNS's delivery policies (docs.aws.amazon.com/sns, "Creating an HTTP/S delivery policy"): a subscription's own JSON is
 * `{healthyRetryPolicy, throttlePolicy, requestPolicy}`, a topic's is `{http: {defaultHealthyRetryPolicy, defaultThrottlePolicy, ...,
 * disableSubscriptionOverrides}}`.
 */
export interface HealthyRetryPolicy {
  readonly minDelayTarget: number
  readonly maxDelayTarget: number
  readonly numRetries: number
  readonly numMaxDelayRetries: number
  readonly numNoDelayRetries: number
  readonly numMinDelayRetries: number
  readonly backoffFunction: 'linear' | 'arithmetic' | 'geometric' | 'exponential'
}

export interface DeliveryPolicy {
  readonly healthyRetryPolicy: HealthyRetryPolicy
  readonly throttlePolicy?: { readonly maxReceivesPerSecond: number } | undefined
  readonly requestPolicy?: { readonly headerContentType: string } | undefined
}

/** What AWS does where nothing else is said: 3 more tries, 20 seconds apart. */
export const defaultRetryPolicy: HealthyRetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
}

/** Functions, as AWS tries them: 100,015 times in 23 days. */
const functionRetry: RetrySchedule = [
  { tries: 3, delayMillisMin: 0, delayMillisMax: 0, curve: 'linear' },
  { tries: 2, delayMillisMin: 1_000, delayMillisMax: 1_000, curve: 'linear' },
  { tries: 10, delayMillisMin: 1_000, delayMillisMax: 20_000, curve: 'exponential' },
  { tries: 100_000, delayMillisMin: 20_000, delayMillisMax: 20_000, curve: 'linear' },
]

const policySecondsMax = 3_600
const retriesMax = 100
const functionsAtOnce = 16
const endpointsAtOnce = 16

/** How deliveries to a function are tried. */
export const functionDelivery: RouteDelivery = { ageMillisMax: null, retry: functionRetry, atOnce: functionsAtOnce }

/** How deliveries to an HTTP endpoint are tried. */
export function endpointDelivery({ healthyRetryPolicy: retry, throttlePolicy }: DeliveryPolicy): RouteDelivery {
  const delivery = { ageMillisMax: null, retry: phasesOf(retry), atOnce: endpointsAtOnce }
  return throttlePolicy === undefined ? delivery : { ...delivery, perSecond: throttlePolicy.maxReceivesPerSecond }
}

/** The policy of a subscription: its own, unless its topic says otherwise or it has none. */
export function effectivePolicy(topic: string | undefined, subscription: string | undefined): DeliveryPolicy {
  const all = topic === undefined ? undefined : parseTopicPolicy(topic)
  const own = subscription === undefined || all?.overridden === true ? undefined : parseSubscriptionPolicy(subscription)
  return {
    healthyRetryPolicy: own?.healthyRetryPolicy ?? all?.policy.healthyRetryPolicy ?? defaultRetryPolicy,
    throttlePolicy: own?.throttlePolicy ?? all?.policy.throttlePolicy,
    requestPolicy: own?.requestPolicy ?? all?.policy.requestPolicy,
  }
}

type Parsed = { readonly [Name in keyof DeliveryPolicy]?: DeliveryPolicy[Name] | undefined }

/** @throws policy_invalid */
export function parseSubscriptionPolicy(text: string): Parsed {
  const value = objectIn(text)
  return policyIn(value, 'healthyRetryPolicy', 'throttlePolicy', 'requestPolicy')
}

/** @throws policy_invalid */
export function parseTopicPolicy(text: string): { readonly policy: Parsed; readonly overridden: boolean } {
  const { http } = objectIn(text)
  if (!isObject(http)) throw invalid('http must be an object')
  const policy = policyIn(http, 'defaultHealthyRetryPolicy', 'defaultThrottlePolicy', 'defaultRequestPolicy')
  return { policy, overridden: http['disableSubscriptionOverrides'] === true }
}

function policyIn(value: Record<string, unknown>, retry: string, throttle: string, request: string): Parsed {
  const per = section(value, throttle)?.['maxReceivesPerSecond']
  if (per !== undefined && per !== null && !(typeof per === 'number' && per >= 1))
    throw invalid(`${throttle}.maxReceivesPerSecond must be at least 1`)
  const type = section(value, request)?.['headerContentType']
  if (type !== undefined && (typeof type !== 'string' || !/^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/i.test(type)))
    throw invalid(`${request}.headerContentType must be a content type`)
  const given = section(value, retry)
  return {
    healthyRetryPolicy: given === undefined ? undefined : retryPolicyIn(given),
    throttlePolicy: typeof per === 'number' ? { maxReceivesPerSecond: per } : undefined,
    requestPolicy: typeof type === 'string' ? { headerContentType: type } : undefined,
  }
}

function retryPolicyIn(given: Record<string, unknown>): HealthyRetryPolicy {
  const number = (name: keyof HealthyRetryPolicy, min: number, max: number) => {
    const value = given[name] ?? defaultRetryPolicy[name]
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    throw invalid(`${name} must be an integer from ${min} to ${max}`)
  }
  const { backoffFunction = 'linear' } = given as { backoffFunction?: unknown }
  if (!curves.has(backoffFunction)) throw invalid(`backoffFunction must be one of ${[...curves].join(', ')}`)
  const policy = {
    minDelayTarget: number('minDelayTarget', 1, policySecondsMax),
    maxDelayTarget: number('maxDelayTarget', 1, policySecondsMax),
    numRetries: number('numRetries', 0, retriesMax),
    numMaxDelayRetries: number('numMaxDelayRetries', 0, retriesMax),
    numNoDelayRetries: number('numNoDelayRetries', 0, retriesMax),
    numMinDelayRetries: number('numMinDelayRetries', 0, retriesMax),
    backoffFunction: backoffFunction as HealthyRetryPolicy['backoffFunction'],
  }
  if (policy.minDelayTarget > policy.maxDelayTarget) throw invalid('minDelayTarget must not be above maxDelayTarget')
  if (policy.numMaxDelayRetries + policy.numNoDelayRetries + policy.numMinDelayRetries > policy.numRetries)
    throw invalid('numRetries must be at least the retries of all phases together')
  const seconds = phasesOf(policy).reduce((sum, each) => sum + (each.tries * each.delayMillisMin) / 1_000, 0)
  if (seconds > policySecondsMax)
    throw invalid(`all tries together must not take more than ${policySecondsMax} seconds`)
  return policy
}

const curves = new Set<unknown>(['linear', 'arithmetic', 'geometric', 'exponential'])

function phasesOf(policy: HealthyRetryPolicy): RetryPhase[] {
  const min = policy.minDelayTarget * 1_000
  const max = policy.maxDelayTarget * 1_000
  const { numRetries, numNoDelayRetries: none, numMinDelayRetries: low, numMaxDelayRetries: high } = policy
  const phase = (tries: number, delayMillisMin: number, delayMillisMax: number, curve: RetryPhase['curve']) =>
    tries > 0 ? [{ tries, delayMillisMin, delayMillisMax, curve }] : []
  return [
    ...phase(none, 0, 0, 'linear'),
    ...phase(low, min, min, 'linear'),
    ...phase(numRetries - none - low - high, min, max, policy.backoffFunction),
    ...phase(high, max, max, 'linear'),
  ]
}

function section(value: Record<string, unknown>, name: string): Record<string, unknown> | undefined {
  const found = value[name]
  if (found === undefined || found === null) return undefined
  if (!isObject(found)) throw invalid(`${name} must be an object`)
  return found
}

function objectIn(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('it is no JSON', cause)
  }
  if (!isObject(value)) throw invalid('it must be an object')
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(reason: string, cause?: unknown): MillraceError {
  return new MillraceError('policy_invalid', { policy: 'delivery policy', reason }, cause)
}
