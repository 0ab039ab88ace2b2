import { shellQuote } from '../../../text/shell-quote.ts'
import type { CiLine } from './ci-line.ts'
import { placeAt } from './script-lines.ts'

/** Options that make a program work in another folder, or with the manifest there. */
const FOLDER_OPTIONS: readonly (readonly [program: RegExp, option: RegExp])[] = [
  [/^(?:make|gmake|ninja|go)$/, /^-C$|^--directory$/],
  [/^npm$/, /^--prefix$|^-C$/],
  [/^pnpm$/, /^-C$|^--dir$/],
  [/^yarn$/, /^--cwd$/],
  [/^bun$/, /^--cwd$/],
  [/^cargo$/, /^--manifest-path$/],
  [/^(?:mvn|\.\/mvnw)$/, /^-f$|^--file$/],
  [/^(?:gradle|\.\/gradlew)$/, /^-p$|^--project-dir$/],
  [/^composer$/, /^-d$|^--working-dir$/],
  [/^uv$/, /^--directory$|^--project$/],
  [/^poetry$/, /^-C$|^--directory$/],
]
const MANIFEST = /(?:^|\/)(?:Cargo\.toml|pom\.xml)$/

/** Moves `make -C src test` to `src` as `make test`. Lines without such an option stay; undefined if the folder is not plain. */
export function relocate(line: CiLine): CiLine | undefined {
  const [program = ''] = line.words
  const option = FOLDER_OPTIONS.find(([named]) => named.test(program))?.[1]
  if (option === undefined) return line
  const end = line.words.includes('--') ? line.words.indexOf('--') : line.words.length
  const at = line.words.findIndex((word, index) => index < end && option.test(word.split('=', 1)[0] ?? ''))
  const word = line.words[at]
  if (at === -1 || word === undefined) return line
  const isJoined = word.includes('=')
  const target = isJoined ? word.slice(word.indexOf('=') + 1) : line.words[at + 1]
  // The option may name another manifest in the same folder.
  if (target !== undefined && /^[\w.-]+\.xml$/.test(target)) return line
  const folder = target === undefined ? undefined : placeAt(line.folder, target.replace(MANIFEST, '') || '.')
  if (folder === undefined) return undefined
  const words = [...line.words.slice(0, at), ...line.words.slice(at + (isJoined ? 1 : 2))]
  return { ...line, folder, words, command: words.map(shellQuote).join(' ') }
}
