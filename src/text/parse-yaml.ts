import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parse,
  parseDocument,
} from 'yaml'

/** A larger file is refused. */
export const MAX_YAML_CHARACTERS = 8 * 1024

/** What a file may have at most. */
interface YamlLimits {
  readonly characters: number
  /** Each line may be a mistake, and each mistake costs the parser as much as a hundred characters. */
  readonly lines: number
  /** Brackets and aliases: the parser takes time that grows with a power of how deep they are nested. */
  readonly openings: number
  /** Question marks before a space: explicit keys are nested at the highest price. */
  readonly questions: number
  /** Others that are a mistake in most places. */
  readonly marks: number
  /** Of one line: `a: b: c` is a mistake, and each costs as much. */
  readonly colons: number
}

const SMALL: YamlLimits = {
  characters: MAX_YAML_CHARACTERS,
  lines: 800,
  openings: 100,
  questions: 40,
  marks: 2000,
  colons: 1000,
}
/** A workflow of CI, with scripts inside: the worst file of this size takes less than a tenth of a second. */
export const WORKFLOW_YAML: YamlLimits = {
  characters: 64 * 1024,
  lines: 1300,
  openings: 800,
  questions: 40,
  marks: 4000,
  colons: 20,
}
const MARKS = /["'\]},*&!|>%@`]/g
/** Lists within lists on one line, `- - - a`. */
const NESTED_LINE = /(?:[-?:][ \t]+){20}/

/**
 * Parses a small file that a repository wrote.
 *
 * @throws {Error} for what is not YAML, or could take long: aliases that multiply, hundreds of brackets or lines, a large file.
 */
export function parseYaml(text: string): unknown {
  refuseSlow(text, SMALL)
  return parse(text, { maxAliasCount: 100, prettyErrors: false, logLevel: 'error' })
}

/**
 * The same for a file of the size of a workflow, as YAML 1.2 reads it and as 1.1 does, where `no` and `012` are no texts.
 *
 * @throws {Error} likewise, and for a key that is there twice.
 */
export function readYamlTwice(text: string): readonly [unknown, unknown] {
  refuseSlow(text, WORKFLOW_YAML)
  const options = { maxAliasCount: 100, prettyErrors: false, logLevel: 'error' } as const
  return [parse(text, options), parse(text, { ...options, version: '1.1' })]
}

/** A file, and the line, from 1, of what is at a path of keys in it. */
export interface LocatedYaml {
  readonly value: unknown
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined
  /** Where a key of the file and its value are in the text; undefined without it, or if the file is on one line. */
  readonly spanOf: (key: string) => { readonly from: number; readonly to: number } | undefined
}

/**
 * The same for files whose mistakes are shown with their line.
 *
 * @throws {Error} with a message for people, such as `line 3: Map keys must be unique`.
 */
export function locateYaml(text: string, limits: YamlLimits = SMALL): LocatedYaml {
  refuseSlow(text, limits)
  const lines = new LineCounter()
  const options = { maxAliasCount: 100, prettyErrors: false, logLevel: 'error', lineCounter: lines } as const
  const document = parseDocument(text, options)
  const [error] = document.errors
  if (error) throw new Error(`line ${lines.linePos(error.pos[0]).line}: ${error.message}`)
  return {
    value: document.toJS({ maxAliasCount: 100 }),
    lineOf(path) {
      // A missing or computed part has no place of its own, so its parent's counts.
      for (let length = path.length; length > 0; length--) {
        const at = keyAt(document, path.slice(0, length))?.range?.[0]
        if (at !== undefined) return lines.linePos(at).line
      }
      return undefined
    },
    spanOf(key) {
      const { contents } = document
      if (!isMap(contents) || contents.flow) return undefined
      const pair = contents.items.find((one) => isScalar(one.key) && one.key.value === key)
      const from = isNode(pair?.key) ? pair.key.range?.[0] : undefined
      const to = isNode(pair?.value) ? pair.value.range?.[1] : undefined
      return from === undefined || to === undefined ? undefined : { from, to }
    },
  }
}

function keyAt(document: Document.Parsed, path: readonly PropertyKey[]): Node | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (isSeq(parent)) {
    const item = parent.items[Number(path.at(-1))]
    return isNode(item) ? item : undefined
  }
  if (!isMap(parent)) return undefined
  const key = parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === path.at(-1))?.key
  return isNode(key) ? key : undefined
}

function refuseSlow(
  text: string,
  { characters, lines, openings, questions, marks, colons }: YamlLimits,
): void {
  if (text.length > characters) throw new Error(`The file is larger than ${characters / 1024} KiB.`)
  if (count(text, /\r?\n|\r/g) > lines) throw new Error(`The file has more than ${lines} lines.`)
  const opened = count(text, /[[{?]|[&*](?=\w)/g)
  if (opened > openings || count(text, /\?(?=\s|$)/g) > questions || count(text, MARKS) > marks)
    throw new Error('The file has too many brackets, quotes or aliases.')
  if (text.split('\n').some((line) => count(line, /:(?=\s|$)/g) > colons))
    throw new Error('A line of the file has too many keys.')
  if (NESTED_LINE.test(text)) throw new Error('The file is nested too deeply.')
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
