import { inlineCode } from '../../../text/markdown/fenced.ts'
import { type GuardFinding, isGenerated, type ReadFile, squeezed } from '../change/guarded-change.ts'

/** Matches a type annotation: `: Item[]`, `: Promise<User>`, `-> dict[str, int]`. */
const TYPE =
  /(:|->)\s*[A-Za-z_$][\w$.]{0,80}(?:<[^<>()]{0,100}>|\[[^[\]()]{0,100}\])?(?:\[\]){0,3}(?=\s*[,)={;:]|\s*$)/g
const ANY = /\b(?:any|Any)\b/g
/** Matches a member by which a type has every property. */
const TAKES_ANY = /^\s*\[\s*\w{1,40}\s*:\s*string\s*\]\s*:\s*any\b/
const MOST_LINES = 2000
const MOST_SHOWN = 2

/**
 * Reports types of a source that become `any`, so that a type checker may miss mistakes. It is a note,
 * because people do so for generics.
 */
export function lostTypes(read: ReadFile): readonly GuardFinding[] {
  const { file, role, isTest, added, removed } = read
  if (role !== 'source' || isTest || file.status !== 'modified' || isGenerated(read)) return []
  if (!/\.(?:[cm]?tsx?|pyi?)$/.test(file.path)) return []
  const before = new Map(removed.slice(0, MOST_LINES).map((line) => [masked(line), line]))
  const lost = added.slice(0, MOST_LINES).filter((line) => {
    if (TAKES_ANY.test(line)) return !before.has(masked(line))
    const old = anyIn(line) === 0 ? undefined : before.get(masked(line))
    return old !== undefined && anyIn(line) > anyIn(old)
  })
  if (lost.length === 0) return []
  const shown = lost.slice(0, MOST_SHOWN).map((line) => inlineCode(line.trim(), 80))
  return [
    { text: `\`${file.path}\` has types that say less than before: ${shown.join(', ')}`, weight: 'note' },
  ]
}

function anyIn(line: string): number {
  return line.match(ANY)?.length ?? 0
}

function masked(line: string): string {
  return squeezed(line.replace(TYPE, '$1T'))
}
