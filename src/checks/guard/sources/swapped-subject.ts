import { posix } from 'node:path'
import type { GuardFinding, ReadChange, ReadFile } from '../change/guarded-change.ts'
import { isSetup } from '../settings/rigged-runner.ts'

/**
 * Imports, with the groups that capture the names and their source: `import { price } from
 * '../src/price.js'`, `from app.price import price`.
 */
const IMPORTS: readonly { readonly pattern: RegExp; readonly names: number; readonly from: number }[] = [
  { pattern: /^\s*import\s+(?:type\s+)?(.{1,200}?)\s+from\s+['"]([^'"]{1,200})['"]/, names: 1, from: 2 },
  {
    pattern: /^\s*(?:const|let|var)\s+(.{1,200}?)\s*=\s*require\(\s*['"]([^'"]{1,200})['"]/,
    names: 1,
    from: 2,
  },
  { pattern: /^\s*from\s+([\w.]{1,200})\s+import\s+(.{1,200}?)\s*$/, names: 2, from: 1 },
]
/** Matches sources that belong to tests: helpers, fixtures, stand-ins. */
const OF_TESTS =
  /(?:^|[./_@-])(?:tests?|testing|test_?utils?|fakes?|mocks?|stubs?|doubles?|dumm(?:y|ies)|fixtures?|helpers?|specs?)(?:[./_-]|$)/i
const OWN = /^(?:\.|@\/|~|#|src\/)/
const PATCHES =
  /\b(?:monkeypatch\.setattr|(?:mock\.|mocker\.)?patch(?:\.object)?)\(\s*f?['"]?([\w.]{1,200})|\b(?:vi|jest)\.(?:mock|doMock)\(\s*['"]([^'"]{1,200})['"]|^\s*sys\.modules\[\s*['"]([\w.]{1,200})['"]|\ballow(?:_any_instance_of)?\(\s*([A-Z][\w:]{0,100})\s*\)\.to\s+receive\b/

/**
 * Reports tests that use something else under the same name, and set-up files that replace what the change
 * edits.
 */
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
  const roots = new Set(
    files.flatMap(({ role, isTest, file }) =>
      role === 'source' && !isTest && /\.py$/.test(file.path)
        ? (/^(?:src\/)?(\w+)\//.exec(file.path)?.[1] ?? [])
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
    ...(patchesSource(read, { sources, roots })
      ? [
          {
            text: `\`${read.file.path}\` replaces for all tests what this change edits`,
            weight: 'reason',
          } as const,
        ]
      : []),
  ])
}

const IN_TESTS = /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\//
const NAMES = /[A-Za-z_$][\w$]{1,80}/g
/** Captures the name of a function that the test defines. */
const DEFINES =
  /^(?:export\s+)?(?:(?:const|let|var)\s+([\w$]{2,80})\s*=\s*(?:async\s*)?(?:\(|function\b|\w+\s*=>)|(?:async\s+)?(?:def|function)\s+([\w$]{2,80})\s*\(|([A-Za-z_]\w{1,80})\s*=\s*lambda\b)/

/** True if the test now defines a name that it imported before. */
function definesImported({ file, added, removed }: ReadFile): boolean {
  const left = new Set(added.flatMap(importIn).flatMap(([names]) => names.match(NAMES) ?? []))
  const gone = new Set(
    removed
      .flatMap(importIn)
      .filter(([, from]) => !OF_TESTS.test(from) && !(from.startsWith('./') && IN_TESTS.test(file.path)))
      .flatMap(([names]) => names.match(NAMES) ?? [])
      .filter((name) => !left.has(name)),
  )
  return (
    gone.size > 0 &&
    added.some((line) => {
      const name = DEFINES.exec(line)
        ?.slice(1)
        .find((one) => one !== undefined)
      return name !== undefined && gone.has(name)
    })
  )
}

function swaps(
  read: ReadFile,
  known: { readonly added: ReadonlySet<string>; readonly gone: ReadonlySet<string> },
): boolean {
  const { file, isTest, added, removed } = read
  if (!isTest || file.status === 'added' || file.status === 'deleted') return false
  if (definesImported(read)) return true
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

/** Matches a stand-in with a fixed answer. */
const STUBS = /\blambda\b|\breturn_value\b|\bMock\(|,\s*(?:True|False|None|\d)/
const SPIES =
  /\b(?:vi|jest)\.spyOn\(\s*(\w{1,60})\s*,.{0,100}\.mock(?:Resolved|Return|Rejected)Value|\b(?:vi|jest)\.spyOn\(\s*(\w{1,60})\s*,.{0,100}\.mockImplementation\(\s*\(\s*\)\s*=>/

const IMPORTS_OWN =
  /^\s*(?:import\b.{1,200}\bfrom|(?:const|let|var)\b.{1,200}\brequire\()\s*['"](?:\.|@\/|~|#|src\/)/

/** True if a set-up file replaces a function of a module of the project. */
function spiesOwn({ file, added, removed }: ReadFile): boolean {
  const kept = new Set(removed.map((line) => line.trim()))
  const names = added.flatMap((line) => (kept.has(line.trim()) ? [] : (SPIES.exec(line)?.slice(1) ?? [])))
  const bound = names.filter((name) => name !== undefined)
  if (bound.length === 0) return false
  const text = file.bytes ? Buffer.from(file.bytes).toString('utf8').slice(0, 20_000) : added.join('\n')
  return text
    .split('\n')
    .some((line) => IMPORTS_OWN.test(line) && bound.some((name) => new RegExp(`\\b${name}\\b`).test(line)))
}

function patchesSource(
  read: ReadFile,
  { sources, roots }: { readonly sources: ReadonlySet<string>; readonly roots: ReadonlySet<string> },
): boolean {
  const { file, added, removed } = read
  if (!isSetup(file.path) || file.status === 'deleted' || /\.config\./.test(file.path)) return false
  if (spiesOwn(read)) return true
  const kept = new Set(removed.map((line) => line.trim()))
  return added.some((line) => {
    const target = kept.has(line.trim())
      ? undefined
      : PATCHES.exec(line)
          ?.slice(1)
          .find((one) => one !== undefined)
    if (target === undefined) return false
    if (roots.has(target.split('.')[0] ?? '') && target.includes('.') && STUBS.test(line)) return true
    const parts = target.includes('/') ? [stemOf(target)] : target.split(/\.|::/).flatMap(spellings)
    return parts.some((part) => sources.has(part))
  })
}

/** The spellings of a name in file names: `PriceList` is in `price_list.rb`. */
function spellings(name: string): readonly string[] {
  return [name, name.replace(/(?<=[a-z\d])(?=[A-Z])/g, '_').toLowerCase()]
}

function stemOf(path: string): string {
  return posix.basename(path).replace(/\..*$/, '')
}
