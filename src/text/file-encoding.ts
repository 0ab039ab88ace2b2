import { isUtf8 } from 'node:buffer'
import { analyse } from 'chardet'
import iconv from 'iconv-lite'

/** How the text of a file is encoded as bytes. */
export interface FileEncoding {
  /** For people, models and iconv: `UTF-8`, `UTF-16LE`, `windows-1252` … */
  readonly name: string
  /** Whether the file begins with a byte order mark, which is not part of the text. */
  readonly bom: boolean
  /** How the encoding was found. `guessed`: neither the bytes themselves nor a declaration tell. */
  readonly source: 'bytes' | 'declared' | 'guessed'
}

/** The encoding of new text, unless another one is asked for. */
export const UTF8: FileEncoding = { name: 'UTF-8', bom: false, source: 'bytes' }

/** How many bytes are examined to guess an encoding. */
const SAMPLE = 64 * 1024
/** How many bytes at the beginning are searched for a declaration. */
const HEAD = 1024
const SURE = 60

/**
 * Finds the encoding of a file: by its byte order mark; by its bytes, if they are valid UTF-8; by what the repository
 * or the file's first lines declare; or else by how likely its characters are. Whatever it finds, decoding and encoding
 * result in the same bytes again.
 *
 * @param declared the encoding that the repository declares; an unknown name is ignored.
 * @returns undefined if the bytes are not text.
 */
export function findEncoding(bytes: Uint8Array, declared?: string): FileEncoding | undefined {
  const marked = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))
  if (marked) return keeps(bytes, { name: marked.name, bom: true, source: 'bytes' })
  if (bytes.includes(0)) return declaredUtf16(bytes, declared) ?? utf16Of(bytes)
  const said = [declared, declaredIn(bytes)].find((name) => name !== undefined && hasAscii(name))
  if (isUtf8(bytes)) return said !== undefined && isAscii(bytes) ? declaredAs(bytes, said) : UTF8
  return (
    (said === undefined ? undefined : keeps(bytes, { name: said, bom: false, source: 'declared' })) ??
    guess(bytes)
  )
}

const MARKS = [
  { mark: [0xef, 0xbb, 0xbf], name: 'UTF-8' },
  { mark: [0xff, 0xfe], name: 'UTF-16LE' },
  { mark: [0xfe, 0xff], name: 'UTF-16BE' },
] as const

/** Whether ASCII text has the same bytes in an encoding, which is not so in UTF-16 and UTF-7. */
function hasAscii(name: string): boolean {
  return iconv.encodingExists(name) && iconv.decode(Buffer.from(ASCII), name) === ASCII
}

const ASCII = 'key = "a+AGEAYg-~{b}"; // \\1\n'

function declaredUtf16(bytes: Uint8Array, name = ''): FileEncoding | undefined {
  return /^utf-?16[bl]e$/i.test(name) ? keeps(bytes, { name, bom: false, source: 'declared' }) : undefined
}

function declaredAs(bytes: Uint8Array, name: string): FileEncoding {
  return keeps(bytes, { name, bom: false, source: 'declared' }) ?? UTF8
}

/** Recognizes UTF-16 without a mark: in most of its characters every second byte is 0. */
function utf16Of(bytes: Uint8Array): FileEncoding | undefined {
  const sample = bytes.subarray(0, SAMPLE)
  let even = 0
  let odd = 0
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) at % 2 === 0 ? even++ : odd++
  const half = sample.length / 2
  if (odd > 0.4 * half && even < 0.05 * half)
    return keeps(bytes, { name: 'UTF-16LE', bom: false, source: 'guessed' })
  if (even > 0.4 * half && odd < 0.05 * half)
    return keeps(bytes, { name: 'UTF-16BE', bom: false, source: 'guessed' })
  return undefined
}

function guess(bytes: Uint8Array): FileEncoding | undefined {
  const first = bytes.findIndex((byte) => byte >= 0x80)
  const from = Math.max(0, first - HEAD)
  const sample = bytes.subarray(from, from + SAMPLE)
  if (sample.some((byte) => CONTROLS.has(byte))) return undefined
  const likely = analyse(sample)
    .filter(({ confidence }) => confidence >= SURE)
    .map(({ name }): string => (name === 'ISO-8859-1' ? 'windows-1252' : name))
    .filter((name) => !/^(?:ASCII|UTF|ISO-2022)/i.test(name) && hasAscii(name))
  const names = [...japanese(sample), ...likely, 'windows-1252']
  for (const name of names) {
    const found = keeps(bytes, { name, bom: false, source: 'guessed' })
    if (found) return found
  }
  // This encoding has a character for every byte.
  return { name: 'ISO-8859-1', bom: false, source: 'guessed' }
}

/**
 * Bytes that no text has in any encoding that is guessed: control characters except backspace, tab, line ends and
 * escape.
 */
const CONTROLS = new Set([
  ...Array.from({ length: 32 }, (_, byte) => byte).filter(
    (byte) => ![8, 9, 10, 11, 12, 13, 27].includes(byte),
  ),
  127,
])

/** Recognizes Japanese by a short comment in kana, which is enough to be sure but too little for statistics. */
function japanese(sample: Uint8Array): readonly string[] {
  return ['Shift_JIS', 'EUC-JP'].filter((name) => {
    const text = iconv.decode(sample, name)
    const kana = text.match(/[\u3041-\u30fe]/g)?.length ?? 0
    const others = text.match(/[^\0-\x7f]/g)?.length ?? 0
    return kana > 2 && kana >= 0.2 * others && !text.includes('\ufffd')
  })
}

/** @returns undefined if the text would not be encoded to the same bytes, or is not text. */
function keeps(bytes: Uint8Array, encoding: FileEncoding): FileEncoding | undefined {
  const text = decodeFile(bytes, encoding)
  if (!text.isWellFormed() || text.includes('\0')) return undefined
  const again = encodeBytes(text, encoding)
  return Buffer.compare(again, bytes) === 0 ? encoding : undefined
}

/** What the first lines declare, as in PEP 263, Ruby, XML, HTML and CSS. */
function declaredIn(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, HEAD)).toString('latin1')
  const [one = '', two = ''] = head.split(/\r\n?|\n/, 2)
  for (const line of [one, two]) {
    const [, name] = /^[ \t\f]*(?:#|\/\/|\/\*|--|;|%).{0,80}?coding[:=][ \t]*([-\w.]+)/.exec(line) ?? []
    if (name !== undefined) return name
  }
  const [, xml] = /^<\?xml [^>]{0,100}?encoding=["']([-\w.]+)["']/.exec(head) ?? []
  const [, html] = /<meta [^>]{0,100}?charset=["']?([-\w.]+)/i.exec(head) ?? []
  const [, css] = /^@charset "([-\w.]+)"/.exec(head) ?? []
  return xml ?? html ?? css
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] ?? 0) >= 0x80) return false
  return true
}

/**
 * Decodes a file.
 *
 * @param encoding as `findEncoding` found it for these bytes.
 */
export function decodeFile(bytes: Uint8Array, { name, bom }: FileEncoding): string {
  const content = bom ? bytes.subarray(name === 'UTF-8' ? 3 : 2) : bytes
  return iconv.decode(content, name, { stripBOM: false })
}

/** The bytes of a text; or the first character that the encoding cannot represent. */
export function encodeFile(
  text: string,
  encoding: FileEncoding,
): { readonly bytes: Uint8Array } | { readonly missing: string } {
  const bytes = encodeBytes(text, encoding)
  if (decodeFile(bytes, encoding) === text) return { bytes }
  for (const character of new Set(text)) {
    if (decodeFile(encodeBytes(character, encoding), encoding) !== character) return { missing: character }
  }
  return { missing: '\ufffd' }
}

function encodeBytes(text: string, { name, bom }: FileEncoding): Uint8Array {
  return iconv.encode(text, name, { addBOM: bom })
}

/** `windows-1252, as far as its characters tell` */
export function encodingText({ name, bom, source }: FileEncoding): string {
  const said = bom ? `${name} with a byte order mark` : name
  return source === 'guessed' ? `${said}, as far as its characters tell` : said
}
