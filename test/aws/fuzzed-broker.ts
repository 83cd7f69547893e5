import { AwsDoor } from '../../broker/api/aws/door.ts'
import { Registry } from '../../broker/api/aws/request.ts'
import { awsServices } from '../../broker/api/aws/services.ts'
import { Broker } from '../../broker/broker.ts'
import { ManualClock, RealClock } from '../../broker/clock.ts'
import { type Limits, limits } from '../../broker/limits.ts'
import { MemoryStore } from '../../broker/store/memory.ts'

/** A broker in memory behind its AWS door, without a socket, and what went wrong in it that nobody was answered with. */
export interface FuzzedBroker {
  readonly broker: Broker
  readonly door: AwsDoor
  readonly faults: unknown[]
  /** Of this process: none may be left. */
  readonly rejections: unknown[]
  /** Rejections are not looked for any more. */
  stopWatching(): void
}

/** `isFault`: what of that which the broker tells is one; all by default. */
export async function fuzzedBroker(
  bounds: Partial<Limits> = {},
  isFault: (error: unknown) => boolean = () => true,
): Promise<FuzzedBroker> {
  const faults: unknown[] = []
  const rejections: unknown[] = []
  const onRejection = (error: unknown) => rejections.push(error)
  process.on('unhandledRejection', onRejection)
  const broker = await Broker.open({
    store: new MemoryStore(),
    clock: new ManualClock(),
    wall: new RealClock(),
    limits: { ...limits, ...bounds },
    strict: false,
    version: '0',
    logBytesMax: Number.POSITIVE_INFINITY,
    onFault: (error) => {
      if (isFault(error)) faults.push(error)
    },
  })
  const door = new AwsDoor(broker, new Registry(awsServices), 'open')
  return { broker, door, faults, rejections, stopWatching: () => process.off('unhandledRejection', onRejection) }
}
