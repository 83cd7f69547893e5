import * as assert from 'uvu/assert'
import { type Client, connect } from '../../client/index.ts'
import { textsIn, withData } from '../modes/schedule-harness.ts'
import { Random, seed } from '../random.ts'
import { suite } from '../suite.ts'
import { killed, start } from './killed-broker.ts'

const test = suite('schedules and kill -9')
const schedules = 300
const seconds = 8

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Makes schedules that are due in the next seconds, until the broker is gone; returns the names of those that were acknowledged. */
async function make(client: Client, random: Random, from: number): Promise<string[]> {
  const names: string[] = []
  for (let i = from; i < schedules; i++) {
    const due = new Date(Date.now() + random.between(0, seconds * 1_000)).toISOString().slice(0, 19)
    const name = `s${i}`
    const deleteAfter = i % 2 === 0
    try {
      await client.schedule(name).set(`at(${due})`, { target: { queue: 'q' }, input: name, deleteAfter })
    } catch {
      // The broker is gone: whether this one was taken, nobody knows.
      return names
    }
    names.push(name)
    await pause(5)
  }
  return names
}

test(`killed again and again: each schedule that was acknowledged fired into its queue exactly once (seed ${seed})`, () =>
  withData(async (data) => {
    const random = new Random()
    const acknowledged = new Set<string>()
    let made = 0
    for (let life = 0; life < 5; life++) {
      const { child, url } = await start(data)
      const client = await connect(url)
      if (life === 0) await client.queue('q').create()
      const making = make(client, random, made)
      await pause(random.between(300, 1_500))
      await killed(child)
      const names = await making
      for (const name of names) acknowledged.add(name)
      // One may have been taken without an answer; its name is not used again.
      made += names.length + 1
      await client.close().catch(() => undefined)
    }
    const { child, url } = await start(data)
    const client = await connect(url)
    const left = async () => (await client.schedules()).filter(({ next }) => next.length > 0).length
    while ((await left()) > 0) await pause(100)
    const texts: string[] = []
    while (texts.length < (await client.queue('q').describe()).messages.visible) {
      texts.splice(0)
      texts.push(...(await textsIn(client, 'q')))
      await pause(100)
    }
    assert.is(new Set(texts).size, texts.length, 'none came twice')
    for (const name of acknowledged) assert.ok(texts.includes(name), `${name} was lost`)
    assert.ok(acknowledged.size > 20)
    // Those that were to be deleted are, and the others are still told of.
    const names = new Set((await client.schedules()).map(({ name }) => name))
    for (const name of acknowledged) assert.is(names.has(name), Number(name.slice(1)) % 2 === 1, name)
    await client.close()
    await killed(child)
  }))

test.run()
