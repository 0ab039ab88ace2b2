import { parse } from 'yaml'

/** A larger file is refused. */
export const MAX_YAML_CHARACTERS = 8 * 1024
/** Brackets and aliases: the parser takes time that grows with the third power of how deep they are nested. */
const MAX_OPENINGS = 100
/** Lists within lists on one line, `- - - a`. */
const NESTED_LINE = /(?:[-?:][ \t]+){20}/

/**
 * Parses a small file that a repository wrote.
 *
 * @throws {Error} for what is not YAML, or could take long: aliases that multiply, hundreds of brackets, a large file.
 */
export function parseYaml(text: string): unknown {
  const openings = text.match(/[[{?]|[&*](?=\w)/g)?.length ?? 0
  if (text.length > MAX_YAML_CHARACTERS) throw new Error('The file is larger than 8 KiB.')
  if (openings > MAX_OPENINGS) throw new Error('The file has too many brackets or aliases.')
  if (NESTED_LINE.test(text)) throw new Error('The file is nested too deeply.')
  return parse(text, { maxAliasCount: 100, prettyErrors: false, logLevel: 'error' })
}
