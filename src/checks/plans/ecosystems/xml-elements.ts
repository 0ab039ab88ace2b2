import { readXml } from '../../../text/read-xml.ts'

/** One complete element of an XML file. */
export interface XmlElement {
  /** Names from the root, without namespaces: `project/modules/module`. */
  readonly path: string
  /** The text directly inside the element, trimmed. */
  readonly text: string
  readonly attributes: Readonly<Record<string, string>>
  /** The attributes `Condition` of the elements around it and its own, joined by spaces; empty if there are none. */
  readonly condition: string
}

const MAX_CHARACTERS = 256 * 1024
const MOST_ELEMENTS = 20_000
const DEEPEST = 50
const LONGEST_TEXT = 2000

/** The elements of an XML file in the order of their closing tags, up to the first mistake. */
export function xmlElements(text: string | undefined): readonly XmlElement[] {
  if (text === undefined || text.length > MAX_CHARACTERS) return []
  const found: XmlElement[] = []
  const open: { name: string; text: string; attributes: Readonly<Record<string, string>> }[] = []
  readXml(text, {
    open(name, attributes) {
      if (open.length === DEEPEST) throw new RangeError('The elements are nested too deep.')
      open.push({ name: name.replace(/^.*:/, ''), text: '', attributes })
    },
    text(part) {
      const last = open.at(-1)
      if (last !== undefined && last.text.length < LONGEST_TEXT) last.text += part
    },
    close() {
      const path = open.map(({ name }) => name).join('/')
      const condition = open.flatMap(({ attributes }) => attributes.Condition ?? []).join(' ')
      const last = open.pop()
      if (found.length === MOST_ELEMENTS) throw new RangeError('There are too many elements.')
      if (last !== undefined)
        found.push({ path, text: last.text.trim(), attributes: last.attributes, condition })
    },
  })
  return found
}
