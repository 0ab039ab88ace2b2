import sax from 'sax'

export interface XmlReader {
  /** @param attributes the values with entities decoded. */
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly close: (name: string) => void
  /** Called with text between elements, in pieces. */
  readonly text?: ((part: string) => void) | undefined
}

/** Mistakes that writers of reports often make, and that say nothing about the structure. */
const HARMLESS = /entity|outside of root|Max buffer length/i
/** The parser makes an error object of each mistake. A text that has more of them is not a report. */
const MOST_HARMLESS = 10_000
const DEEPEST = 1000

/** How many UTF-16 units the parser gets at once. */
const PIECE = 1024
/** For each character, the parser compares the whole declaration again. Documents have a short one, or none. */
const LONGEST_DECLARATION = 1000

/**
 * Reads elements, attributes and, if asked for, texts, up to the first mistake. Declarations are not read, so no entity
 * except XML's own five is ever expanded.
 *
 * @param reader if one of its functions throws, the reading ends with that error.
 * @returns false if the text is not a complete XML document, as after a crash.
 */
export function readXml(text: string, { open, close, text: onText }: XmlReader): boolean {
  const parser: sax.SAXParser & { readonly sgmlDecl?: string } = sax.parser(true, { position: false })
  let harmless = 0
  let depth = 0
  let roots = 0
  parser.onerror = (error) => {
    if (!HARMLESS.test(error.message) || ++harmless > MOST_HARMLESS) throw error
    parser.resume()
  }
  parser.onopentag = ({ name, attributes }) => {
    if (depth++ === 0) roots++
    if (depth > DEEPEST) throw new RangeError('The elements are nested too deeply.')
    open(name, attributes as Record<string, string>)
  }
  parser.onclosetag = (name) => {
    depth--
    close(name)
  }
  if (onText !== undefined) parser.ontext = onText
  const document = text.replace(/^[\ufeff\s]+/, '')
  try {
    for (let at = 0; at < document.length; at += PIECE) {
      parser.write(document.slice(at, at + PIECE))
      if ((parser.sgmlDecl?.length ?? 0) > LONGEST_DECLARATION) return false
    }
    parser.close()
  } catch {
    return false
  }
  return depth === 0 && roots === 1
}
