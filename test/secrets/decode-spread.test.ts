import { deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { findSecrets } from '../../src/secrets/find-secrets.ts'
import { createRedact } from '../../src/secrets/redact.ts'

// Taken apart here as well, so that no scanner takes this file for a leak.
const TOKEN = ['ghp', 'x7Kq9ZbT2mWc4LpR8vNd3HsJ6fYgA1uEoQi5'].join('_')
const BYTES = [...Buffer.from(TOKEN)]
const wide = (letter: string) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)

function base32(bytes: readonly number[]): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => letters[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

const SPREAD: Readonly<Record<string, string>> = {
  numbers: `[${BYTES.join(', ')}]`,
  'hexadecimal numbers': BYTES.map((byte) => `0x${byte.toString(16)}`).join(',\n  '),
  'a dump': (Buffer.from(BYTES).toString('hex').match(/.{4}/g) ?? []).join(' '),
  'octal escapes': BYTES.map((byte) => `\\${byte.toString(8)}`).join(''),
  'letters apart': [...TOKEN].join(' '),
  'joined literals': `"${TOKEN.slice(0, 9)}" + '${TOKEN.slice(9, 20)}' +\n    "${TOKEN.slice(20)}"`,
  'adjacent literals': `("${TOKEN.slice(0, 20)}"\n  "${TOKEN.slice(20)}")`,
  'continued lines': `${TOKEN.slice(0, 20)}\\\n   ${TOKEN.slice(20)}`,
  'quoted-printable': TOKEN.replace(/.{12}/g, '$&=\n'),
  'characters without width': [...TOKEN].join('\u200b'),
  'full-width letters': TOKEN.replace(/[A-Za-z0-9]/g, wide),
  base32: base32(BYTES),
  gzip: gzipSync(TOKEN).toString('base64'),
  zlib: deflateSync(`token ${TOKEN}`).toString('base64url'),
}

test.each(
  Object.entries(SPREAD),
)('a token in %s is found by its rule and by its value, and masked', (_, spread) => {
  const text = `before\nconst value = "${spread}"\nafter\n`
  for (const knownSecrets of [[], [TOKEN]]) {
    const [finding] = findSecrets(text, { knownSecrets })
    expect(finding).toMatchObject({ line: 2 })
  }
  const masked = createRedact([TOKEN])(text)
  expect(masked).toContain('[redacted]')
  expect(masked).toMatch(/^before\n[\s\S]*\nafter\n$/)
  expect(createRedact([])(masked)).toBe(masked)
})

test('what is spread out and says nothing is left alone', () => {
  const table = Array.from({ length: 400 }, (_, index) => `${32 + (index % 90)}, ${(index * 7) % 255}`).join(
    '\n',
  )
  const code =
    'const a = "x" +\n  "y"\nA B C D E F G H I J K L M N O P Q R S T U V W X Y Z\nABCDEFGHIJKLMNOPQRSTUVWXYZ234567\n'
  for (const text of [table, code, 'de ad be ef de ad be ef de ad be ef', `eJ${'y'.repeat(60)}`]) {
    expect(findSecrets(text, { knownSecrets: [] })).toEqual([])
    expect(createRedact([TOKEN])(text)).toBe(text)
  }
})
