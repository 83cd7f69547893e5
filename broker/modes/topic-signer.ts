import { createHash, createPrivateKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'
import { selfSigned } from './topic-certificate.ts'

const key = 'topic-signing-key'
const bits = 2_048
const signText = promisify(sign)
const makeKeys = promisify(generateKeyPair)

interface Kept {
  readonly key: string
  readonly certificate: string
}

interface Signing {
  readonly key: KeyObject
  /** PEM. */
  readonly certificate: string
  /** What its file is called: it changes when the certificate does. */
  readonly name: string
}

/** Signs envelopes, with a key of this broker's own that is made when it is needed first and kept in the catalog. */
export class TopicSigner {
  readonly #store: Store
  readonly #clock: Clock
  #signing: Promise<Signing> | undefined

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** The signature of a text, in base64; off this thread, since RSA takes half a millisecond. */
  async sign(text: string, version: 1 | 2): Promise<string> {
    const signing = await this.signing()
    const algorithm = version === 1 ? 'sha1' : 'sha256'
    return (await signText(algorithm, Buffer.from(text), signing.key)).toString('base64')
  }

  /** The key and its certificate. */
  signing(): Promise<Signing> {
    this.#signing ??= this.#open().catch((error: unknown) => {
      // The next envelope tries again.
      this.#signing = undefined
      throw error
    })
    return this.#signing
  }

  async #open(): Promise<Signing> {
    const [there] = await this.#store.entries(key)
    const kept = there === undefined ? await this.#make() : (JSON.parse(new TextDecoder().decode(there.value)) as Kept)
    const name = createHash('md5').update(kept.certificate).digest('hex')
    return { key: createPrivateKey(kept.key), certificate: kept.certificate, name }
  }

  async #make(): Promise<Kept> {
    const { privateKey, publicKey } = await makeKeys('rsa', { modulusLength: bits })
    const certificate = selfSigned({
      name: 'sns.amazonaws.com',
      privateKey,
      publicKey,
      now: this.#clock.now(),
      serial: randomBytes(8),
    })
    const kept = { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate }
    await this.#store.put([{ key, value: new TextEncoder().encode(JSON.stringify(kept)) }])
    return kept
  }
}
