import { posix } from 'node:path'
import type { GuardFinding, ReadChange, ReadFile } from './guarded-change.ts'
import { isSetup } from './rigged-runner.ts'

/** What is taken from where: `import { price } from '../src/price.js'`, `from app.price import price`. */
const IMPORTS: readonly { readonly pattern: RegExp; readonly names: number; readonly from: number }[] = [
  { pattern: /^\s*import\s+(?:type\s+)?(.{1,200}?)\s+from\s+['"]([^'"]{1,200})['"]/, names: 1, from: 2 },
  {
    pattern: /^\s*(?:const|let|var)\s+(.{1,200}?)\s*=\s*require\(\s*['"]([^'"]{1,200})['"]/,
    names: 1,
    from: 2,
  },
  { pattern: /^\s*from\s+([\w.]{1,200})\s+import\s+(.{1,200}?)\s*$/, names: 2, from: 1 },
]
/** What tests bring along. */
const OF_TESTS =
  /(?:^|[./_@-])(?:tests?|testing|test_?utils?|fakes?|mocks?|stubs?|doubles?|dumm(?:y|ies)|fixtures?|helpers?|specs?)(?:[./_-]|$)/i
const OWN = /^(?:\.|@\/|~|#|src\/)/
const PATCHES =
  /\b(?:monkeypatch\.setattr|(?:mock\.|mocker\.)?patch(?:\.object)?)\(\s*f?['"]?([\w.]{1,200})|\b(?:vi|jest)\.(?:mock|doMock)\(\s*['"]([^'"]{1,200})['"]|^\s*sys\.modules\[\s*['"]([\w.]{1,200})['"]/

/** Tests that are about something else than before under the same name, and set-up files that replace what the change edits. */
export function swappedSubjects({ files }: ReadChange): readonly GuardFinding[] {
  const added = new Set(
    files.flatMap(({ file, isTest }) => (file.status === 'added' && isTest ? [stemOf(file.path)] : [])),
  )
  const gone = new Set(
    files
      .flatMap(({ file }) => (file.status === 'deleted' ? [file.path] : (file.previousPath ?? [])))
      .map(stemOf),
  )
  const sources = new Set(
    files.flatMap(({ file, role, isTest }) =>
      role === 'source' && !isTest && !isSetup(file.path) && file.status !== 'deleted'
        ? [stemOf(file.path)]
        : [],
    ),
  )
  return files.flatMap((read) => [
    ...(swaps(read, { added, gone })
      ? [
          {
            text: `\`${read.file.path}\` tests something else under the same name`,
            weight: 'reason',
          } as const,
        ]
      : []),
    ...(patchesSource(read, sources)
      ? [
          {
            text: `\`${read.file.path}\` replaces for all tests what this change edits`,
            weight: 'reason',
          } as const,
        ]
      : []),
  ])
}

function swaps(
  { file, isTest, added, removed }: ReadFile,
  known: { readonly added: ReadonlySet<string>; readonly gone: ReadonlySet<string> },
): boolean {
  if (!isTest || file.status === 'added' || file.status === 'deleted') return false
  if (/(?:^|\/)_?expected\//.test(file.path)) return false
  const before = new Map(removed.flatMap(importIn))
  if (before.size === 0) return false
  return added.flatMap(importIn).some(([names, from]) => {
    const old = before.get(names)
    if (old === undefined || old === from || OF_TESTS.test(old) || known.gone.has(stemOf(old))) return false
    if (!OWN.test(old) && !/^\w+\.\w/.test(old)) return false
    return OF_TESTS.test(from) || (from.startsWith('./') && known.added.has(stemOf(from)))
  })
}

function importIn(line: string): readonly (readonly [string, string])[] {
  for (const { pattern, names, from } of IMPORTS) {
    const found = pattern.exec(line)
    if (found) return [[(found[names] ?? '').replace(/[\s;]+/g, ''), found[from] ?? '']]
  }
  return []
}

function patchesSource({ file, added, removed }: ReadFile, sources: ReadonlySet<string>): boolean {
  if (!isSetup(file.path) || file.status === 'deleted' || /\.config\./.test(file.path)) return false
  const kept = new Set(removed.map((line) => line.trim()))
  return added.some((line) => {
    const target = kept.has(line.trim())
      ? undefined
      : PATCHES.exec(line)
          ?.slice(1)
          .find((one) => one !== undefined)
    if (target === undefined) return false
    const parts = target.includes('/') ? [stemOf(target)] : target.split('.')
    return parts.some((part) => sources.has(part))
  })
}

function stemOf(path: string): string {
  return posix.basename(path).replace(/\..*$/, '')
}
