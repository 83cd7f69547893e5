import { type CreateBrokerOptions, createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import type { BindingDescription } from '../../broker/wire/binding.ts'
import { type Client, connect } from '../../client/index.ts'

/** A broker in memory, a client of it, and what makes and describes bindings. */
export interface Harness {
  readonly broker: EmbeddedBroker
  readonly client: Client
  bind(name: string, settings?: object): Promise<BindingDescription>
  describe(name: string): Promise<BindingDescription>
}

export async function withBroker(
  body: (harness: Harness) => Promise<void>,
  options: CreateBrokerOptions = {},
): Promise<void> {
  const broker = await createBroker({ memory: true, ...options })
  const client = await connect(broker)
  try {
    await body({
      broker,
      client,
      bind: (name, settings = {}) => {
        const source = { stream: 'orders', from: 'horizon' }
        const target = { function: 'handler' }
        return client.endpoint.call({
          method: 'PUT',
          path: `/v1/bindings/${name}`,
          body: { source, target, ...settings },
        }) as Promise<BindingDescription>
      },
      describe: (name) =>
        client.endpoint.call({ method: 'GET', path: `/v1/bindings/${name}` }) as Promise<BindingDescription>,
    })
  } finally {
    await client.close()
    await broker.close()
  }
}

/** Resolves when `condition` holds; a test that waits in vain is ended by the runner. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

export const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)
