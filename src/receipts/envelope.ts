import { type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { jsonOrUndefined } from '../text/json-or-undefined.ts'

/** The payload is an in-toto statement in JSON. */
const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

/** The largest envelope that is written or read, in bytes. */
export const MAX_ENVELOPE_BYTES = 8 * 1024 * 1024
const MOST_SIGNATURES = 10

/** A DSSE envelope: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md */
export const envelopeBody = z.object({
  payload: z.string().describe('An in-toto statement (JSON), in base64.'),
  payloadType: z.literal(PAYLOAD_TYPE),
  signatures: z
    .array(
      z.object({
        keyid: z.string().describe('SHA-256 of the public key (SPKI, DER), in hexadecimal.'),
        sig: z.string().describe('Ed25519 signature of the pre-authentication encoding, in base64.'),
      }),
    )
    .min(1)
    .max(MOST_SIGNATURES),
})

/** An envelope whose text is exactly as written, but whose signatures have not been checked. */
export interface OpenedEnvelope {
  readonly payload: Buffer
  /** At most one signature per key. */
  readonly signatures: readonly { readonly keyid: string; readonly sig: Buffer }[]
}

export interface SigningKey {
  readonly keyid: string
  readonly privateKey: KeyObject
}

/**
 * Signs a statement.
 *
 * @returns the envelope's text: one line of JSON, and a line end.
 * @throws {BackspaceError} `change_too_large`
 */
export function sealEnvelope(payload: Uint8Array, { keyid, privateKey }: SigningKey): string {
  const sig = sign(null, preAuthEncoding(payload), privateKey).toString('base64')
  const envelope = {
    payload: Buffer.from(payload).toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid, sig }],
  } satisfies z.infer<typeof envelopeBody>
  const text = `${JSON.stringify(envelope)}\n`
  if (text.length <= MAX_ENVELOPE_BYTES) return text
  throw new BackspaceError('change_too_large', 'The receipt of this change would be larger than 8 MiB.')
}

/**
 * Opens an envelope. Its text must be exactly as `sealEnvelope` writes it, so that no field occurs twice, nothing is hidden
 * in fields that are not read, and a single changed byte is refused.
 *
 * @throws {BackspaceError} `bad_request`, with the reason.
 */
export function openEnvelope(text: string): OpenedEnvelope {
  if (text.length > MAX_ENVELOPE_BYTES)
    throw refused('It is larger than 8 MiB, so Backspace did not write it.')
  const parsed = envelopeBody.safeParse(jsonOrUndefined(text))
  if (!parsed.success) throw refused(whyNoEnvelope(text))
  const { data } = parsed
  const exact = JSON.stringify(data)
  if (text !== exact && text !== `${exact}\n`) {
    throw refused(
      'Its text is not as Backspace wrote it: white space, order or fields were changed. Download it again, and do not reformat it.',
    )
  }
  const signatures = data.signatures.map(({ keyid, sig }) => ({ keyid, sig: fromBase64(sig) }))
  if (new Set(signatures.map(({ keyid }) => keyid)).size < signatures.length) {
    throw refused('It is signed twice by the same key.')
  }
  return { payload: fromBase64(data.payload), signatures }
}

/** Whether a key made this signature of the payload. */
export function isSignedBy(
  publicKey: KeyObject,
  { payload, sig }: { payload: Buffer; sig: Buffer },
): boolean {
  return sig.length === 64 && verify(null, preAuthEncoding(payload), publicKey, sig)
}

/** The bytes that are signed: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md#signature-definition */
function preAuthEncoding(payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(PAYLOAD_TYPE)} ${PAYLOAD_TYPE} ${payload.length} `
  return Buffer.concat([Buffer.from(head, 'utf8'), payload])
}

/** Decodes base64 strictly: a value has only one valid spelling. */
function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') === text) return bytes
  throw refused('It holds base64 that is not canonical.')
}

function whyNoEnvelope(text: string): string {
  const other = z.object({ payloadType: z.string() }).safeParse(jsonOrUndefined(text)).data
  return other === undefined || other.payloadType === PAYLOAD_TYPE
    ? 'It is not a signed envelope (DSSE).'
    : `It is an envelope for something else: its payload type is not ${PAYLOAD_TYPE}.`
}

function refused(reason: string): BackspaceError {
  return new BackspaceError('bad_request', reason)
}
