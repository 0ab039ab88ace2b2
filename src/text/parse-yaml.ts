import { parse } from 'yaml'

/** A larger file is refused. */
export const MAX_YAML_CHARACTERS = 8 * 1024
/** Each line may be a mistake, and each mistake costs the parser as much as a hundred characters. */
const MAX_LINES = 800
/** Brackets and aliases: the parser takes time that grows with the third power of how deep they are nested. */
const MAX_OPENINGS = 100
/** Others that are a mistake in most places. */
const MAX_MARKS = 2000
/** Lists within lists on one line, `- - - a`. */
const NESTED_LINE = /(?:[-?:][ \t]+){20}/

/**
 * Parses a small file that a repository wrote.
 *
 * @throws {Error} for what is not YAML, or could take long: aliases that multiply, hundreds of brackets or lines, a large file.
 */
export function parseYaml(text: string): unknown {
  if (text.length > MAX_YAML_CHARACTERS) throw new Error('The file is larger than 8 KiB.')
  if (count(text, /\r?\n|\r/g) > MAX_LINES) throw new Error(`The file has more than ${MAX_LINES} lines.`)
  if (count(text, /[[{?]|[&*](?=\w)/g) > MAX_OPENINGS || count(text, /["'\]},*&!|>%@`]/g) > MAX_MARKS)
    throw new Error('The file has too many brackets, quotes or aliases.')
  if (NESTED_LINE.test(text)) throw new Error('The file is nested too deeply.')
  return parse(text, { maxAliasCount: 100, prettyErrors: false, logLevel: 'error' })
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
