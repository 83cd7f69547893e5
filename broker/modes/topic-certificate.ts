import { type KeyObject, sign } from 'node:crypto'

/**
 * A certificate that signed itself (RFC 5280), as far as a key needs one to be told by: DER is written here, since the whole of X.509 is
 * a dozen packages and this is one structure.
 */
export function selfSigned(options: {
  readonly name: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Milliseconds since 1970: it is good from a day before. */
  readonly now: number
  readonly serial: Uint8Array
}): string {
  const { name, privateKey, publicKey, now, serial } = options
  const who = sequence(element(0x31, sequence(commonName, element(0x0c, Buffer.from(name)))))
  const signed = sequence(
    element(0xa0, element(0x02, Buffer.of(2))),
    // A positive number, whatever its first bit is.
    element(0x02, Buffer.concat([Buffer.of(1), serial])),
    sha256WithRsa,
    who,
    sequence(time(now - dayMillis), time(now + goodMillis)),
    who,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', signed, privateKey)
  const certificate = sequence(signed, sha256WithRsa, element(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

const dayMillis = 24 * 60 * 60 * 1_000
const goodMillis = 20 * 365 * dayMillis

/** 2.5.4.3 */
const commonName = Buffer.from('0603550403', 'hex')
/** 1.2.840.113549.1.1.11, without parameters. */
const sha256WithRsa = Buffer.from('300d06092a864886f70d01010b0500', 'hex')

function time(millis: number): Buffer {
  const text = new Date(millis).toISOString().replace(/[-:T]|\.\d+/g, '')
  return element(0x18, Buffer.from(text))
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

/** Tag, length, content. */
function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const size =
    length < 0x80
      ? Buffer.of(length)
      : length < 0x100
        ? Buffer.of(0x81, length)
        : Buffer.of(0x82, length >> 8, length & 0xff)
  return Buffer.concat([Buffer.of(tag), size, content])
}
