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

/** Most characters of a small file; a larger one is refused. */
export const MAX_YAML_CHARACTERS = 8 * 1024

/** The most of each thing that a file may have. */
interface YamlLimits {
  readonly characters: number
  /** Each line may be a mistake, which costs the parser as much as a hundred characters. */
  readonly lines: number
  /** Brackets and aliases. The parser's time grows with a power of how deep they are nested. */
  readonly openings: number
  /** Question marks before a space. They begin explicit keys, which cost the most when nested. */
  readonly questions: number
  /** Other marks that are mistakes in most places. */
  readonly marks: number
  /** Colons in one line: `a: b: c` is a mistake, and each of them costs as much. */
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
/** For a CI workflow with scripts inside. The worst file of this size takes less than a tenth of a second. */
export const WORKFLOW_YAML: YamlLimits = {
  characters: 64 * 1024,
  lines: 1300,
  openings: 800,
  questions: 40,
  marks: 4000,
  colons: 20,
}
const MARKS = /["'\]},*&!|>%@`]/g
/** Lists within lists on one line, such as `- - - a`. */
const NESTED_LINE = /(?:[-?:][ \t]+){20}/

/**
 * Parses a small file from a repository.
 *
 * @throws {Error} if it is not YAML, or could take long to parse: aliases that multiply, hundreds of brackets or lines,
 * a large file.
 */
export function parseYaml(text: string): unknown {
  refuseSlow(text, SMALL)
  return parse(text, { maxAliasCount: 100, prettyErrors: false, logLevel: 'error' })
}

/** What a small file from a repository says; undefined where `parseYaml` throws. */
export function yamlOrUndefined(text: string): unknown {
  try {
    return parseYaml(text)
  } catch {
    return undefined
  }
}

/**
 * Parses a file of the size of a workflow twice: as YAML 1.2, and as YAML 1.1, in which `no` and `012` are not texts.
 *
 * @throws {Error} as `parseYaml`, and for a key that occurs twice.
 */
export function readYamlTwice(text: string): readonly [unknown, unknown] {
  refuseSlow(text, WORKFLOW_YAML)
  const options = { maxAliasCount: 100, prettyErrors: false, logLevel: 'error' } as const
  return [parse(text, options), parse(text, { ...options, version: '1.1' })]
}

/** A parsed file that can tell where its parts are. Lines are counted from 1. */
export interface LocatedYaml {
  readonly value: unknown
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined
  /** The lines of a key of the file with its value; undefined if the key is missing, or the file has only one line. */
  readonly spanOf: (key: string) => { readonly from: number; readonly to: number } | undefined
}

/**
 * Parses a small file, so that mistakes in it can be shown with their line.
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
      // A part that is missing or computed has no place of its own, so the place of its parent counts.
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
