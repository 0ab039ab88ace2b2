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

/** A file as text that can be encoded to the same bytes again. */
export interface TextFile {
  /** The text without a byte order mark. If all lines end with CR alone, they end with LF here. */
  readonly text: string
  /** Tells the model about the encoding; empty for plain UTF-8. */
  readonly note: string
  /** Encodes a text like the file, with its byte order mark and its CRs; or returns a problem, worded for the model. */
  encode(text: string): { readonly bytes: Uint8Array } | { readonly problem: string }
}

interface OpenRequest {
  readonly relative: string
  /** Null for a file that does not exist yet. */
  readonly bytes: Uint8Array | null
  /** Text that will be added to the file. */
  readonly added?: string | undefined
}

/**
 * Decodes a file. The encoding that the repository declares is looked up only where it matters: when the bytes are not
 * UTF-8, and when the first characters beyond ASCII are added.
 *
 * @returns undefined when the file is binary.
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

/** The encoding for a new or empty file. UTF-16 gets a byte order mark, which git requires. */
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
