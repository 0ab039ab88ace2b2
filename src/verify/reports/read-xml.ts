import sax from 'sax'

export interface XmlReader {
  /** @param attributes as they are in the text, entities decoded. */
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly close: (name: string) => void
  /** Text between elements, in pieces. */
  readonly text?: ((part: string) => void) | undefined
}

/** Writers of reports leave these behind, and they say nothing about the structure. */
const HARMLESS = /entity|outside of root|Max buffer length/i

/**
 * Reads elements, attributes and, if they are asked for, texts. Declarations of documents are not read, so no entity but XML's own
 * five is ever expanded.
 *
 * @returns false if the text is no whole XML document, as after a crash.
 */
export function readXml(text: string, { open, close, text: onText }: XmlReader): boolean {
  const parser = sax.parser(true, { position: false })
  let whole = true
  let depth = 0
  let roots = 0
  parser.onerror = (error) => {
    if (!HARMLESS.test(error.message)) whole = false
    parser.resume()
  }
  parser.onopentag = ({ name, attributes }) => {
    if (depth++ === 0) roots++
    open(name, attributes as Record<string, string>)
  }
  parser.onclosetag = (name) => {
    depth--
    close(name)
  }
  if (onText !== undefined) parser.ontext = onText
  try {
    parser.write(text.replace(/^[\ufeff\s]+/, '')).close()
  } catch {
    return false
  }
  return whole && depth === 0 && roots === 1
}
