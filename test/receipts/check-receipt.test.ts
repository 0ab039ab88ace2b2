import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkReceipt } from '../../src/receipts/check-receipt.ts'
import { sealEnvelope } from '../../src/receipts/envelope.ts'
import { keyIdOf, keyList, readKeyList } from '../../src/receipts/key-list.ts'
import { writeStatement } from '../../src/receipts/statement.ts'
import { COMMIT, factsAt, newKey, receiptBy } from './sample-receipt.ts'

const KEY = newKey()
const TEXT = receiptBy(KEY)
const ENVELOPE = JSON.parse(TEXT) as {
  payload: string
  payloadType: string
  signatures: { keyid: string; sig: string }[]
}
const line = (value: unknown) => `${JSON.stringify(value)}\n`
const PAYLOAD = Buffer.from(ENVELOPE.payload, 'base64')

/** Signs what Backspace would never write. */
function signed(payload: Buffer, payloadType = ENVELOPE.payloadType, key = KEY): string {
  const head = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `)
  const sig = sign(null, Buffer.concat([head, payload]), key.signing.privateKey).toString('base64')
  return line({ payload: payload.toString('base64'), payloadType, signatures: [{ keyid: key.keyid, sig }] })
}

const changed = (change: (statement: Record<string, unknown>) => void) => {
  const statement = JSON.parse(PAYLOAD.toString()) as Record<string, unknown>
  change(statement)
  return signed(Buffer.from(JSON.stringify(statement)))
}

test('a receipt is valid with the key that signed it', () => {
  const checked = checkReceipt(TEXT, [newKey(), KEY])
  expect(checked).toMatchObject({
    verdict: 'valid',
    keys: [{ keyid: KEY.keyid }],
    unknownKeys: [],
    statement: {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { gitCommit: COMMIT } }, { digest: { gitTree: '2'.repeat(40) } }],
      predicate: { repository: { owner: 'acme' }, files: [{ path: 'app.js' }, { path: 'old.js' }, {}] },
    },
  })
  expect(checkReceipt(TEXT.trimEnd(), [KEY]).verdict, 'without the line end').toBe('valid')
})

test('the signature is the one that DSSE describes', () => {
  const [{ sig = '' } = {}] = ENVELOPE.signatures
  const encoding = Buffer.concat([
    Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${PAYLOAD.length} `),
    PAYLOAD,
  ])
  expect(verify(null, encoding, KEY.publicKey, Buffer.from(sig, 'base64'))).toBe(true)
  expect(ENVELOPE.payloadType).toBe('application/vnd.in-toto+json')
})

test('a receipt in which any byte was changed is refused', () => {
  const bytes = Buffer.from(TEXT)
  const masks = [0x01, 0x20, 0x80, 0x2a]
  const accepted = [...bytes.keys()].filter((at) => {
    const other = Buffer.from(bytes)
    other[at] = (other[at] ?? 0) ^ (masks[at % masks.length] ?? 1)
    return checkReceipt(other.toString('utf8'), [KEY]).verdict === 'valid'
  })
  expect(accepted).toEqual([])
})

test('a byte more or less, white space, and another order are refused', () => {
  const { payload, payloadType, signatures } = ENVELOPE
  const others = [
    TEXT.slice(1),
    `${TEXT} `,
    `${TEXT}\n`,
    ` ${TEXT}`,
    `\ufeff${TEXT}`,
    JSON.stringify(ENVELOPE, undefined, 2),
    line({ signatures, payload, payloadType }),
    line({ ...ENVELOPE, note: 'x' }),
    TEXT.replace('{"payload":', '{"payload":"","payload":'),
    TEXT.replace('"payload"', '"p\\u0061yload"'),
  ]
  for (const other of others) expect(checkReceipt(other, [KEY])).toMatchObject({ verdict: 'invalid' })
})

test.each([
  ['no JSON', 'x', /not a signed envelope/],
  ['a list', '[]', /not a signed envelope/],
  ['no signature', line({ ...ENVELOPE, signatures: [] }), /not a signed envelope/],
  [
    'too many signatures',
    line({ ...ENVELOPE, signatures: Array(11).fill(ENVELOPE.signatures[0]) }),
    /not a sig/,
  ],
  [
    'the same signature twice',
    line({ ...ENVELOPE, signatures: Array(2).fill(ENVELOPE.signatures[0]) }),
    /twice by/,
  ],
  ['another payload type', signed(PAYLOAD, 'application/json'), /payload type is not application\/vnd/],
  ['more than 8 MiB', ' '.repeat(9 * 1024 * 1024), /larger than 8 MiB/],
  [
    'base64 of another alphabet',
    line({ ...ENVELOPE, payload: `${ENVELOPE.payload.slice(0, -4)}-_-_` }),
    /canonical/,
  ],
  ['base64 without its end', line({ ...ENVELOPE, payload: 'YQ' }), /canonical/],
  [
    'a short signature',
    line({ ...ENVELOPE, signatures: [{ keyid: KEY.keyid, sig: 'YQ==' }] }),
    /not by the key/,
  ],
])('%s is refused', (_, text, reason) => {
  expect(checkReceipt(text, [KEY])).toEqual({ verdict: 'invalid', reason: expect.stringMatching(reason) })
})

test('what is signed must be a receipt, and say one thing only', () => {
  const twice = PAYLOAD.toString().replace('{"_type"', '{"_type":"x","_type"')
  expect(checkReceipt(signed(Buffer.from(twice)), [KEY])).toMatchObject({ verdict: 'invalid' })
  expect(checkReceipt(signed(Buffer.from([0xff])), [KEY])).toMatchObject({ verdict: 'invalid' })
  const other = changed((statement) => {
    statement.predicateType = 'https://slsa.dev/provenance/v1'
  })
  expect(checkReceipt(other, [KEY])).toMatchObject({ reason: expect.stringContaining('slsa.dev') })
  const elsewhere = changed((statement) => {
    statement.subject = [
      { name: 'commit', uri: 'x', digest: { gitCommit: '9'.repeat(40) } },
      { name: 'tree', digest: { gitTree: '2'.repeat(40) } },
    ]
  })
  expect(checkReceipt(elsewhere, [KEY])).toMatchObject({
    reason: expect.stringContaining('contradicts itself'),
  })
})

test('a receipt that a newer version wrote is not called forged', () => {
  const newer = changed((statement) => {
    statement.predicate = { ...(statement.predicate as object), format: 2 }
  })
  expect(checkReceipt(newer, [KEY])).toEqual({
    verdict: 'unreadable',
    reason: expect.stringMatching(/signature is good.*predicate\.format.*newer/),
  })
})

test('only a key of the list counts, whatever the receipt calls it', () => {
  const other = newKey()
  expect(checkReceipt(TEXT, [other])).toMatchObject({
    verdict: 'invalid',
    reason: expect.stringMatching(/not among the keys given.*another service/),
  })
  const renamed = line({ ...ENVELOPE, signatures: [{ ...ENVELOPE.signatures[0], keyid: other.keyid }] })
  expect(checkReceipt(renamed, [KEY, other])).toMatchObject({ verdict: 'invalid' })
})

test('several keys may sign: those that are known must be right, the others are named', () => {
  const other = newKey()
  const second = (JSON.parse(receiptBy(other)) as typeof ENVELOPE).signatures
  const both = line({ ...ENVELOPE, signatures: [...ENVELOPE.signatures, ...second] })
  expect(checkReceipt(both, [KEY, other])).toMatchObject({ verdict: 'valid', unknownKeys: [] })
  expect(checkReceipt(both, [KEY])).toMatchObject({ verdict: 'valid', unknownKeys: [other.keyid] })
  const wrong = line({
    ...ENVELOPE,
    signatures: [...ENVELOPE.signatures, { keyid: other.keyid, sig: ENVELOPE.signatures[0]?.sig }],
  })
  expect(checkReceipt(wrong, [KEY, other])).toMatchObject({ verdict: 'invalid' })
})

test('a key signs between its two times', () => {
  const retiredAt = new Date('2026-11-20T00:00:00Z')
  const old = newKey({ retiredAt })
  expect(checkReceipt(receiptBy(old, '2026-11-20T00:00:00.000Z'), [old]).verdict).toBe('valid')
  expect(checkReceipt(receiptBy(old, '2026-11-20T00:00:00.001Z'), [old])).toMatchObject({
    verdict: 'invalid',
    reason: expect.stringContaining('was retired'),
  })
  expect(checkReceipt(receiptBy(old, '2026-10-31T23:59:59.999Z'), [old])).toMatchObject({
    verdict: 'invalid',
    reason: expect.stringContaining('was made'),
  })
})

test('the same facts make the same bytes', () => {
  const facts = factsAt('2026-11-29T08:00:00.000Z')
  const turned = Object.fromEntries(Object.entries(facts).reverse()) as typeof facts
  expect(writeStatement(turned)).toEqual(writeStatement(facts))
  expect(sealEnvelope(writeStatement(facts), KEY.signing)).toBe(TEXT)
})

test('a list of keys is read back as it was written', () => {
  const keys = [newKey({ retiredAt: new Date('2026-11-20T00:00:00Z') }), KEY]
  const text = JSON.stringify(keyList(keys))
  expect(text).not.toContain('PRIVATE')
  expect(keyList(readKeyList(text))).toEqual(keyList(keys))
})

test('a key whose id is not its own, of another kind, or private is refused', () => {
  const [key] = keyList([KEY]).keys
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  const pem = (text: string | Buffer) => text.toString()
  const secret = pem(KEY.signing.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  for (const change of [
    { keyid: newKey().keyid },
    { keyid: keyIdOf(rsa), public_key: pem(rsa.export({ type: 'spki', format: 'pem' })) },
    { public_key: secret },
    { public_key: '-----BEGIN PUBLIC KEY-----\nx' },
  ]) {
    expect(() => readKeyList(JSON.stringify({ keys: [{ ...key, ...change }] }))).toThrow(/not the one/)
  }
  for (const text of ['', '{}', '{"keys":[{}]}']) expect(() => readKeyList(text)).toThrow(/no keys of/)
})
