import { invalid } from './invalid.ts'
import type { Test } from './tree.ts'

/** An address as groups of 16 bits: 2 for IPv4, 8 for IPv6. */
type Address = readonly number[]

/** `{"cidr": "10.0.0.0/24"}`, IPv4 or IPv6: the value is an address in that network. */
export function cidr(argument: unknown): Test {
  // AWS says prefix here too.
  if (typeof argument !== 'string') throw invalid('prefix match pattern must be a string')
  const parts = argument.split('/')
  if (parts.length !== 2) throw invalid("Malformed CIDR, one '/' required")
  const [text, mask] = parts as [string, string]
  if (!/^\d{1,3}$/.test(mask)) throw invalid('Malformed CIDR, mask bits must be an integer')
  const network = addressIn(text)
  if (network === undefined) throw invalid(`Nonstandard IP address: ${text}`)
  const bits = Number(mask)
  const bitsMax = network.length * 16
  if (bits > bitsMax) throw invalid(`IPv${bitsMax === 32 ? 4 : 6} mask bits must not be greater than ${bitsMax}`)
  return {
    matches: (value) => {
      const address = typeof value === 'string' ? addressIn(value) : undefined
      return address !== undefined && sharesBits(address, network, bits)
    },
    handle: prefixOf(text, network, bits),
  }
}

function sharesBits(address: Address, network: Address, bits: number): boolean {
  if (address.length !== network.length) return false
  for (let i = 0, left = bits; left > 0; i++, left -= 16) {
    const shift = Math.max(0, 16 - left)
    if ((address[i] as number) >> shift !== (network[i] as number) >> shift) return false
  }
  return true
}

/** IPv4 addresses are written in one way, so that whole octets are a prefix of the text; IPv6 ones in many. */
function prefixOf(text: string, network: Address, bits: number): Test['handle'] {
  const octets = Math.floor(bits / 8)
  if (network.length !== 2 || octets === 0) return { by: 'any' }
  const kept = text.split('.').slice(0, octets).map(Number).join('.')
  return { by: 'prefix', text: octets === 4 ? kept : `${kept}.`, fold: false }
}

function addressIn(text: string): Address | undefined {
  return text.includes(':') ? ipv6In(text) : ipv4In(text)
}

function ipv4In(text: string): Address | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  const octets = match?.slice(1).map(Number)
  // A leading zero would be octal to some and decimal to others.
  if (octets === undefined || octets.some((octet) => octet > 255) || /(^|\.)0\d/.test(text)) return undefined
  const [a, b, c, d] = octets as [number, number, number, number]
  return [a * 256 + b, c * 256 + d]
}

function ipv6In(text: string): Address | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const v4 = tail === null ? undefined : ipv4In(tail[2] as string)
  if (tail !== null && v4 === undefined) return undefined
  const hex = v4 === undefined ? text : `${tail?.[1]}${v4.map((group) => group.toString(16)).join(':')}`
  const halves = hex.split('::')
  if (halves.length > 2) return undefined
  const [head, rest] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?]
  const missing = 8 - head.length - (rest?.length ?? 0)
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: rest === undefined ? 0 : missing }, () => '0'), ...(rest ?? [])]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.map((group) => Number.parseInt(group, 16))
}
