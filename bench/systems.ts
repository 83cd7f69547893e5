import { nats } from './rivals/nats.ts'
import { redisAlways, redisEverysec } from './rivals/redis.ts'
import type { System } from './system.ts'

/** The brokers that are measured beside ours. A new one is one file and one line here. */
export const rivals: readonly System[] = [nats, redisAlways, redisEverysec]
