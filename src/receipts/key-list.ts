import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { jsonOrUndefined } from '../text/json-or-undefined.ts'

/** The path at which a service lists its keys. */
export const KEYS_PATH = '/.well-known/backspace/keys.json'

const ALGORITHM = 'ed25519'

/** The list of a service's keys, oldest first, in the form in which it is served. */
export const keyListBody = z.object({
  keys: z
    .array(
      z.object({
        keyid: z.string().describe('SHA-256 of the public key (SPKI, DER), in hexadecimal.'),
        algorithm: z.literal(ALGORITHM),
        public_key: z.string().describe('PEM.'),
        created_at: z.iso.datetime().describe('No receipt of this key is older.'),
        retired_at: z.iso
          .datetime()
          .nullable()
          .describe('No receipt of this key is newer; null for the key in use.'),
      }),
    )
    .max(10_000),
})
type KeyListBody = z.infer<typeof keyListBody>

/** The public half of a key that signs receipts, and the time in which it signs. */
export interface ReceiptKey {
  readonly keyid: string
  readonly publicKey: KeyObject
  readonly createdAt: Date
  /** Null for the key in use. */
  readonly retiredAt: Date | null
}

export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

export function keyList(keys: readonly ReceiptKey[]): KeyListBody {
  return {
    keys: keys.map(({ keyid, publicKey, createdAt, retiredAt }) => ({
      keyid,
      algorithm: ALGORITHM,
      public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      created_at: createdAt.toISOString(),
      retired_at: retiredAt?.toISOString() ?? null,
    })),
  }
}

/**
 * Reads a list of keys. The id of each key is computed from the key and must equal the listed one.
 *
 * @throws {BackspaceError} `bad_request` if the text is no such list, or if a key has another id.
 */
export function readKeyList(text: string): readonly ReceiptKey[] {
  const list = keyListBody.safeParse(jsonOrUndefined(text))
  if (!list.success) {
    throw new BackspaceError(
      'bad_request',
      `These are no keys of Backspace. They are at ${KEYS_PATH} of a service.`,
    )
  }
  return list.data.keys.map(({ keyid, public_key, created_at, retired_at }) => {
    const publicKey = readPublicKey(public_key)
    if (publicKey === undefined || keyIdOf(publicKey) !== keyid) {
      throw new BackspaceError(
        'bad_request',
        `The key ${keyid.slice(0, 12)} is not the one that its id names.`,
      )
    }
    const createdAt = new Date(created_at)
    return { keyid, publicKey, createdAt, retiredAt: retired_at === null ? null : new Date(retired_at) }
  })
}

function readPublicKey(pem: string): KeyObject | undefined {
  // `createPublicKey` would also accept a private key, which must not be in such a list.
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === ALGORITHM ? key : undefined
  } catch {
    return undefined
  }
}
