import { sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkReceipt } from '../../src/receipts/check-receipt.ts'
import { keyList, readKeyList } from '../../src/receipts/key-list.ts'
import { newKey, receiptBy } from './sample-receipt.ts'

const KEY = newKey()
const ENVELOPE = JSON.parse(receiptBy(KEY)) as {
  payload: string
  payloadType: string
  signatures: { keyid: string; sig: string }[]
}
const PAYLOAD = Buffer.from(ENVELOPE.payload, 'base64').toString()
const line = (value: unknown) => `${JSON.stringify(value)}\n`
const verdict = (text: string) => checkReceipt(text, [KEY]).verdict

/** The payload is another one, its signature is as it was. */
const swapped = (payload: string) => line({ ...ENVELOPE, payload: Buffer.from(payload).toString('base64') })

/** What only the service itself could sign, and never would. */
function signed(payload: string): string {
  const bytes = Buffer.from(payload)
  const encoded = Buffer.concat([
    Buffer.from(`DSSEv1 ${ENVELOPE.payloadType.length} ${ENVELOPE.payloadType} ${bytes.length} `),
    bytes,
  ])
  const sig = sign(null, encoded, KEY.signing.privateKey).toString('base64')
  return line({ ...ENVELOPE, payload: bytes.toString('base64'), signatures: [{ keyid: KEY.keyid, sig }] })
}

test('the sample is valid, and signed again as it is', () => {
  expect([verdict(line(ENVELOPE)), verdict(signed(PAYLOAD))]).toEqual(['valid', 'valid'])
})

test.each([
  ['another commit', PAYLOAD.replaceAll('3'.repeat(40), '6'.repeat(40))],
  ['another exit code', PAYLOAD.replace('"exitCode":0', '"exitCode":1')],
  ['another requester', PAYLOAD.replace('"ada"', '"eve"')],
  ['a letter that looks the same', PAYLOAD.replace('app.js', '\u0430pp.js')],
  ['white space', `${PAYLOAD}\n`],
])('%s under the old signature is refused', (_, payload) => {
  expect(payload).not.toBe(PAYLOAD)
  expect(checkReceipt(swapped(payload), [KEY])).toMatchObject({
    verdict: 'invalid',
    reason: expect.stringContaining('was changed, or that key never signed it'),
  })
})

test.each([
  ['a number beyond 2^53', PAYLOAD.replace('"durationMs":1200', '"durationMs":9007199254740993')],
  ['a number with an exponent', PAYLOAD.replace('"durationMs":1200', '"durationMs":12e2')],
  ['a field twice, deep inside', PAYLOAD.replace('"exitCode":0', '"exitCode":1,"exitCode":0')],
  ['an escaped letter', PAYLOAD.replace('"ada"', '"\\u0061da"')],
  ['a byte order mark', `\ufeff${PAYLOAD}`],
  ['bytes behind it', `${PAYLOAD} {}`],
])('%s can be read in two ways, so it is refused even with a good signature', (_, payload) => {
  expect(payload).not.toBe(PAYLOAD)
  expect(verdict(signed(payload))).toBe('invalid')
})

test('two spellings of one name are two names', () => {
  const [composed, apart] = ['é', 'e\u0301'].map((letter) => PAYLOAD.replace('"ada"', `"${letter}"`))
  expect([verdict(signed(composed ?? '')), verdict(signed(apart ?? ''))]).toEqual(['valid', 'valid'])
  const { signatures } = JSON.parse(signed(composed ?? '')) as typeof ENVELOPE
  expect(verdict(line({ ...JSON.parse(swapped(apart ?? '')), signatures }))).toBe('invalid')
})

test('each value of base64 has one spelling', () => {
  const [{ sig = '' } = {}] = ENVELOPE.signatures
  const bytes = Buffer.from(sig, 'base64')
  // The last letter in front of `==` holds four bits that decoders ignore.
  const last = sig.charAt(85)
  const twin = String.fromCharCode(last.charCodeAt(0) + 1)
  const others = [
    bytes.toString('base64url'),
    sig.replace(/=+$/, ''),
    `${sig}=`,
    `${sig.slice(0, 10)}\n${sig.slice(10)}`,
    ` ${sig}`,
    `${sig.slice(0, 85)}${twin}==`,
  ]
  expect(Buffer.from(others[5] ?? '', 'base64')).toEqual(bytes)
  for (const other of others) {
    const text = line({ ...ENVELOPE, signatures: [{ keyid: KEY.keyid, sig: other }] })
    expect(verdict(text), other).toBe('invalid')
  }
})

test('a signature that is another number modulo the order of the curve is refused', () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const bytes = Buffer.from(ENVELOPE.signatures[0]?.sig ?? '', 'base64')
  let value = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order
  for (let at = 32; at < 64; at++, value >>= 8n) bytes[at] = Number(value & 0xffn)
  const sig = bytes.toString('base64')
  expect(verdict(line({ ...ENVELOPE, signatures: [{ keyid: KEY.keyid, sig }] }))).toBe('invalid')
})

test('a further signature of an unknown key is named, and one that is nonsense is refused', () => {
  const [own] = ENVELOPE.signatures
  const more = (keyid: string, sig: string) => line({ ...ENVELOPE, signatures: [own, { keyid, sig }] })
  expect(checkReceipt(more('evil', own?.sig ?? ''), [KEY])).toMatchObject({
    verdict: 'valid',
    unknownKeys: ['evil'],
  })
  expect(verdict(more('evil', 'not base64'))).toBe('invalid')
  expect(verdict(more(KEY.keyid.toUpperCase(), own?.sig ?? '')), 'an id has one spelling').toBe('valid')
  expect(
    checkReceipt(line({ ...ENVELOPE, signatures: [{ ...own, keyid: KEY.keyid.toUpperCase() }] }), [KEY]),
  ).toMatchObject({ verdict: 'invalid', reason: expect.stringContaining('not among the keys') })
})

test('what is nested deeply or very long is refused at once', () => {
  for (const text of ['['.repeat(400_000), `{"payload":"${'A'.repeat(9_000_000)}"`]) {
    expect(verdict(text)).toBe('invalid')
  }
})

test('a key that is taken out of the list takes its receipts along; one with another time decides them', () => {
  const { keys } = keyList([KEY])
  const read = (changed: object) =>
    readKeyList(JSON.stringify({ keys: keys.map((key) => ({ ...key, ...changed })) }))
  const text = line(ENVELOPE)
  expect(checkReceipt(text, readKeyList('{"keys":[]}')).verdict).toBe('invalid')
  expect(checkReceipt(text, read({ retired_at: '2026-11-02T00:00:00.000Z' })).verdict).toBe('invalid')
  expect(() => read({ created_at: 'yesterday' })).toThrow('no keys of Backspace')
})
