import { knownError } from '../errors.ts'
import { isSignedBy, type OpenedEnvelope, openEnvelope } from './envelope.ts'
import type { ReceiptKey } from './key-list.ts'
import { readStatement, type Statement } from './statement.ts'

/** The result of checking a receipt. */
export type CheckedReceipt =
  | {
      readonly verdict: 'valid'
      readonly statement: Statement
      /** The keys that signed it. */
      readonly keys: readonly ReceiptKey[]
      /** Ids of other keys that are not in the list; their signatures were not checked. */
      readonly unknownKeys: readonly string[]
    }
  | {
      /** `unreadable`: the signature is good, but this version of Backspace cannot read the statement. */
      readonly verdict: 'invalid' | 'unreadable'
      /** Sentences for people. */
      readonly reason: string
    }

/**
 * Checks a receipt against keys. Only the bytes whose signature was checked are read.
 *
 * @param text the text of the envelope.
 */
export function checkReceipt(text: string, keys: readonly ReceiptKey[]): CheckedReceipt {
  try {
    return checkOpened(openEnvelope(text), keys)
  } catch (error) {
    const known = knownError(error)
    if (known?.code !== 'bad_request') throw error
    return refuse(known.userMessage)
  }
}

function checkOpened({ payload, signatures }: OpenedEnvelope, keys: readonly ReceiptKey[]): CheckedReceipt {
  const found = signatures.map(({ keyid, sig }) => ({
    keyid,
    sig,
    key: keys.find((key) => key.keyid === keyid),
  }))
  const known = found.flatMap(({ key, sig }) => (key === undefined ? [] : [{ key, sig }]))
  const unknownKeys = found.flatMap(({ key, keyid }) => (key === undefined ? [keyid] : []))
  if (known.length === 0) {
    const names = unknownKeys.map((keyid) => keyid.slice(0, 12)).join(', ')
    return refuse(
      `It names the key ${names}, which is not among the keys given. If the receipt is genuine, it comes from another service: give the keys of that one.`,
    )
  }
  for (const { key, sig } of known) {
    if (!isSignedBy(key.publicKey, { payload, sig })) {
      return refuse(
        `Its signature is not by the key ${key.keyid.slice(0, 12)}: the receipt was changed, or that key never signed it.`,
      )
    }
  }
  const statement = readStatement(payload)
  if ('problem' in statement) {
    const reason = `Its signature is good, but ${statement.problem}.`
    return statement.isNewer ? { verdict: 'unreadable', reason } : refuse(reason)
  }
  const signing = known.map(({ key }) => key)
  const late = signing.map((key) => outsideOf(key, statement)).find((reason) => reason !== undefined)
  return late === undefined ? { verdict: 'valid', statement, keys: signing, unknownKeys } : refuse(late)
}

/** Why a key cannot have signed at the time that the receipt states; undefined if it can. */
function outsideOf(
  { keyid, createdAt, retiredAt }: ReceiptKey,
  { predicate }: Statement,
): string | undefined {
  const at = new Date(predicate.issuedAt)
  const key = `the key ${keyid.slice(0, 12)}`
  if (at < createdAt)
    return `It was signed on ${predicate.issuedAt}, before ${key} was made (${createdAt.toISOString()}).`
  if (retiredAt !== null && at > retiredAt) {
    return `It was signed on ${predicate.issuedAt}, after ${key} was retired (${retiredAt.toISOString()}).`
  }
  return undefined
}

function refuse(reason: string): CheckedReceipt {
  return { verdict: 'invalid', reason }
}
