import type { Member, Members } from '../../broker/wire/aws-shape.ts'

/** A small generator whose sequence follows from its seed (mulberry32). */
export class Chance {
  #state: number

  constructor(from: number) {
    this.#state = from
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T
  }

  is(share: number): boolean {
    return this.next() < share
  }
}

/** Strings that many things stumble over. */
export const odd = ['', '\u0000', '\ud800', '__proto__', 'x'.repeat(5_000), '../..', '-1', '1e999', '😀', 'null', '%00']

/** What requests to one service are made up of. */
export interface Ingredients {
  /** Strings that mean something to some operation, so that requests get further than the first check. */
  readonly meaningful: readonly string[]
  /** What fits a member of that name. */
  readonly fitting: Readonly<Record<string, readonly unknown[]>>
  /** Members that most requests need to get anywhere. */
  readonly needed: readonly string[]
}

/** Makes up requests that are mostly of the right form, and often enough right. */
export class MadeUp {
  readonly #chance: Chance
  readonly #ingredients: Ingredients
  /** What was given out in answers, to be tried again in the right place and in wrong ones. */
  readonly seen: string[] = []

  constructor(chance: Chance, ingredients: Ingredients) {
    this.#chance = chance
    this.#ingredients = ingredients
  }

  input(members: Members): Record<string, unknown> {
    const chance = this.#chance
    const entries = Object.entries(members)
      .filter(([name, member]) => chance.is(member.required || this.#ingredients.needed.includes(name) ? 0.97 : 0.25))
      .map(([name, member]) => [name, this.#value(member, name)])
    if (chance.is(0.05)) entries.push([chance.one(odd), this.#anything(0)])
    return Object.fromEntries(entries)
  }

  /** Remembers something that an answer gave out. */
  note(given: string): void {
    this.seen[this.seen.length < 20 ? this.seen.length : this.#chance.below(20)] = given
  }

  /** A value for a member that is mostly of its type, and often within its bounds. */
  #value(member: Member, name = ''): unknown {
    const chance = this.#chance
    if (chance.is(0.03)) return this.#anything(0)
    const fits = this.#ingredients.fitting[name]
    if (fits !== undefined && chance.is(0.9)) return chance.one(fits)
    switch (member.type) {
      case 'string':
        if (member.enum !== undefined && chance.is(0.9)) return chance.one(member.enum)
        return chance.is(0.75) ? chance.one([...this.#ingredients.meaningful, ...this.seen]) : chance.one(odd)
      case 'integer':
      case 'long':
      case 'double':
        return chance.one([0, 1, 2, 24, 48, 1024, 8760, -1, 1.5, 2 ** 31, 1e300, member.min ?? 1, member.max ?? 5])
      case 'boolean':
        return chance.is(0.3)
      case 'timestamp':
        return chance.one([0, 1_767_225_600, 1_767_225_600.5, -1, 1e12, 4e9])
      case 'blob':
        return chance.one(['', 'aGk=', 'aGk', '!!!!', 'A'.repeat(4_000), Buffer.alloc(2_000, 1).toString('base64')])
      case 'list':
        return Array.from({ length: chance.one([0, 1, 2, 7, 600]) }, () => this.#value(member.of))
      case 'map':
        return Object.fromEntries(
          Array.from({ length: chance.below(4) }, () => [chance.one([...odd, 'k', 'v']), this.#value(member.of)]),
        )
      default:
        return this.input(member.members)
    }
  }

  #anything(depth: number): unknown {
    const chance = this.#chance
    const kind = chance.below(depth > 3 ? 5 : 7)
    if (kind === 5) return Array.from({ length: chance.below(4) }, () => this.#anything(depth + 1))
    if (kind === 6) return Object.fromEntries([[chance.one(odd), this.#anything(depth + 1)]])
    return [null, chance.next() * 1e6, chance.is(0.5), chance.one(odd), chance.one(this.#ingredients.meaningful)][kind]
  }
}

/** Damages a body here and there. */
export function damaged(body: Uint8Array, chance: Chance): Uint8Array {
  const bytes = Uint8Array.from(body)
  if (chance.is(0.3)) return bytes.subarray(0, chance.below(bytes.length + 1))
  for (let i = chance.below(4); i >= 0 && bytes.length > 0; i--) bytes[chance.below(bytes.length)] = chance.below(256)
  return bytes
}
