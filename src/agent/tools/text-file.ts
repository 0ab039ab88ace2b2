import {
  decodeFile,
  encodeFile,
  encodingText,
  type FileEncoding,
  findEncoding,
  UTF8,
} from '../../text/file-encoding.ts'
import { declaredEncoding } from './declared-encoding.ts'
import type { ToolContext } from './tool.ts'

/** A file as text that can be turned into its bytes again without loss. */
export interface TextFile {
  /** Without a byte order mark. Lines that all end with CR end with LF here. */
  readonly text: string
  /** For the model; empty for plain UTF-8. */
  readonly note: string
  /** A text in the encoding of the file, with its mark and its CRs; or a problem, worded for the model. */
  encode(text: string): { readonly bytes: Uint8Array } | { readonly problem: string }
}

interface OpenRequest {
  readonly relative: string
  /** Null for a file that is not there yet. */
  readonly bytes: Uint8Array | null
  /** Text that is to come into it. */
  readonly added?: string | undefined
}

/**
 * Reads a file in its own encoding. What the repository declares is asked for only where it matters: for bytes that are not
 * UTF-8, and where the first characters beyond ASCII come in.
 *
 * @returns undefined if it is no text.
 */
export async function openTextFile(
  { relative, bytes, added = '' }: OpenRequest,
  context: Pick<ToolContext, 'sandbox' | 'workspace' | 'signal'>,
): Promise<TextFile | undefined> {
  const present = bytes ?? new Uint8Array()
  let encoding = findEncoding(present)
  if (encoding === undefined) return undefined
  const isPlain = encoding === UTF8 && NOT_ASCII.test(added) && !present.some((byte) => byte >= 0x80)
  if (encoding.source === 'guessed' || isPlain) {
    const declared = await declaredEncoding(relative, context)
    encoding = (present.length === 0 ? newEncoding(declared) : findEncoding(present, declared)) ?? encoding
  }
  return textFile(present, encoding)
}

const NOT_ASCII = /[^\0-\x7f]/

/** Of a file without a byte. UTF-16 has its mark then, as git wants it. */
function newEncoding(declared: string | undefined): FileEncoding | undefined {
  if (declared === undefined) return undefined
  const found = findEncoding(Buffer.from(' '), declared)
  return /^utf-?16/i.test(declared) ? { name: declared, bom: true, source: 'declared' } : found
}

function textFile(bytes: Uint8Array, encoding: FileEncoding): TextFile {
  const decoded = decodeFile(bytes, encoding)
  const hasCarriageReturns = decoded.includes('\r') && !decoded.includes('\n')
  const isUtf8 = encoding.name === 'UTF-8' && !encoding.bom
  const notes = [
    isUtf8 ? '' : `encoding: ${encodingText(encoding)}`,
    hasCarriageReturns ? 'lines end with CR' : '',
  ].filter((note) => note !== '')
  return {
    text: hasCarriageReturns ? decoded.replaceAll('\r', '\n') : decoded,
    note: notes.length === 0 ? '' : `[${notes.join('; ')}; edit and write keep that]`,
    encode(text) {
      const encoded = encodeFile(hasCarriageReturns ? text.replaceAll(/\r\n?|\n/g, '\r') : text, encoding)
      if ('bytes' in encoded) return encoded
      const { missing } = encoded
      const code = missing.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
      return {
        problem: `the file is in ${encodingText(encoding)}, which has no ${JSON.stringify(missing)} (U+${code}). Write it as the language escapes it, or in plain characters.`,
      }
    },
  }
}
