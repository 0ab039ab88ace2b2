import sax from 'sax'

/** One element of an XML file, after its end. */
export interface XmlElement {
  /** Names from the root, without namespaces: `project/modules/module`. */
  readonly path: string
  /** Directly inside of it, trimmed. */
  readonly text: string
  readonly attributes: Readonly<Record<string, string>>
}

const MAX_CHARACTERS = 256 * 1024
const MOST_ELEMENTS = 20_000
const DEEPEST = 50

/** The elements of an XML file in the order of their ends; those up to the first mistake. */
export function xmlElements(text: string | undefined): readonly XmlElement[] {
  if (text === undefined || text.length > MAX_CHARACTERS || hasLongDeclaration(text)) return []
  const found: XmlElement[] = []
  const open: { name: string; text: string; attributes: Record<string, string> }[] = []
  const parser = sax.parser(true, { position: false })
  // The parser itself goes on after a mistake, with an error for each character that follows.
  parser.onerror = (mistake) => {
    throw mistake
  }
  parser.onopentag = ({ name, attributes }) => {
    const plain = Object.entries(attributes).map(([key, value]) => [key, String(value)] as const)
    open.push({ name: name.replace(/^.*:/, ''), text: '', attributes: Object.fromEntries(plain) })
    if (open.length > DEEPEST) throw new RangeError('too deep')
  }
  parser.ontext = (more) => {
    const last = open.at(-1)
    if (last !== undefined && last.text.length < 2000) last.text += more
  }
  parser.onclosetag = () => {
    const path = open.map(({ name }) => name).join('/')
    const last = open.pop()
    if (last !== undefined) found.push({ path, text: last.text.trim(), attributes: last.attributes })
    if (found.length >= MOST_ELEMENTS) throw new RangeError('too many')
  }
  try {
    parser.write(text)
  } catch {
    // What came before the mistake counts.
  }
  return found
}

/** What begins a declaration, and neither a comment nor quoted text. */
const DECLARATION = /<!(?!--|\[CDATA\[)/g
const LONGEST_DECLARATION = 1000

/** The parser compares all of a declaration again with each character. A build file has a short one, or none. */
function hasLongDeclaration(text: string): boolean {
  for (const { index } of text.matchAll(DECLARATION)) {
    const end = text.slice(index, index + LONGEST_DECLARATION).indexOf('>')
    if (end === -1) return true
  }
  return false
}
