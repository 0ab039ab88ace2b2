import { inlineCode } from '../../text/fenced.ts'
import { joinSafe, ownWords, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'
import { showPath } from '../../text/show-path.ts'
import { breathe } from '../../time/breathe.ts'
import { type ChangedFile, touchedPaths } from '../collect/change-list.ts'
import { type ManifestFact, REGISTRIES } from './manifest-facts.ts'
import type { ManifestBase, ManifestKind, ManifestRule } from './manifest-rule.ts'
import { MANIFESTS } from './manifest-rules.ts'
import { hasPlainParts, isPlainChange } from './plain-settings.ts'
import { foldedSegments, steeringGroup } from './protection.ts'
import { unshared } from './search-bytes.ts'
import { STEERS } from './steering-files.ts'

/** Something that a change makes others do before a person has read it. */
export interface Steering {
  readonly path: string
  /** Follows the path: `steers CI`, or "runs at install: `postinstall`". */
  readonly what: SafeMarkdown
  /** What changes in it gives it no new power: it is said, and makes no draft. */
  readonly isPlain?: true
}

/** A file is read once: the gate and the text of the pull request both ask. */
const READ = new WeakMap<SteeringFile, readonly Steering[]>()

/** What the judgement of a file depends on. */
export type SteeringFile = Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'bytes' | 'before'>

/** What steers in a file, by its name or by what is new in it; empty for ordinary changes. Linear in its size. */
export function steeringOf(file: SteeringFile): readonly Steering[] {
  const steering = READ.get(file) ?? steeringIn(file)
  READ.set(file, steering)
  return steering
}

/** Runs `steeringOf` where it stops nothing else; undefined if it took longer than `limitMs`. */
export type SteerInThread = (file: SteeringFile, limitMs: number) => Promise<readonly Steering[] | undefined>

/** Both sides of a manifest together: reading this much takes at most 20 milliseconds. */
const SMALL_BYTES = 4 * 1024
const FILE_MS = 3_000
/** For all files of a change together. */
const CHANGE_MS = 15_000

/**
 * Reads hundreds of manifests in turn, larger ones in a thread, and lets other runs go on in between; `steeringOf` then
 * takes no time. What there was no time to read counts as steering.
 */
export async function readSteering(
  files: readonly SteeringFile[],
  inThread: SteerInThread = async (file) => steeringOf(file),
): Promise<void> {
  let left = CHANGE_MS
  for (const file of files) {
    await breathe()
    const isQuick = manifestOf(file) === undefined && !hasPlainParts(file.path)
    if (READ.has(file) || isQuick || sizeOf(file) <= SMALL_BYTES) {
      steeringOf(file)
      continue
    }
    const startedAt = performance.now()
    const { path, previousPath, status, bytes, before } = file
    const query = { path, previousPath, status, bytes: unshared(bytes), before: unshared(before) }
    const steering = left <= 0 ? undefined : await inThread(query, Math.min(FILE_MS, left))
    left -= performance.now() - startedAt
    READ.set(file, steering ?? [{ path, what: UNREAD }])
  }
}

function sizeOf({ bytes, before }: SteeringFile): number {
  return (bytes?.length ?? 0) + (before?.length ?? 0)
}

function steeringIn(file: SteeringFile): readonly Steering[] {
  const kind = manifestOf(file)
  const contents = kind && steeringContents(file, kind)
  const named = kind === undefined ? steeringNames(file) : []
  const found = contents === undefined ? named : [{ path: file.path, ...contents }]
  return found.length > 0 && isPlainChange(file) ? found.map((one) => ({ ...one, isPlain: true })) : found
}

function steeringNames(file: SteeringFile): readonly Steering[] {
  return touchedPaths(file).flatMap((path) => {
    const group = steeringGroup(path)
    return group === undefined || group === 'build' ? [] : [{ path, what: ownWords(STEERS[group]) }]
  })
}

/** Each file once, as "`.gitlab-ci.yml` steers CI". */
export function steeringText(steering: readonly Steering[], most = 10): SafeMarkdown {
  const shown = steering.slice(0, most).map(({ path, what }) => safeMarkdown`${showPath(path)} ${what}`)
  const more = steering.length - shown.length
  return joinSafe(more > 0 ? [...shown, safeMarkdown`and ${more} more`] : shown, '; ')
}

const UNREAD = safeMarkdown`steers installs or builds, and cannot be read here`

/** The kind of a file whose content says whether it steers; its name alone may do. */
function manifestOf(file: SteeringFile): ManifestKind | undefined {
  const name = foldedSegments(file.path).at(-1) ?? ''
  const kind = MANIFESTS.find(({ names }) => names.test(name))
  const steers = steeringNames(file).length > 0 && !isListOfPackages(file)
  return file.bytes === null || steers ? undefined : kind
}

/** Requirements that were in a dot folder before say what they say elsewhere. */
function isListOfPackages({ path, status }: SteeringFile): boolean {
  const isUnknown = status === 'modified' && steeringGroup(path) === 'other'
  return isUnknown && /^(?:requirements|constraints)[\w.-]*\.txt$/.test(foldedSegments(path).at(-1) ?? '')
}

function steeringContents(
  { status, bytes, before: old }: SteeringFile,
  kind: ManifestKind,
): Pick<Steering, 'what' | 'isPlain'> | undefined {
  // A file with another name before is compared as well: a rename may turn a text into a manifest.
  const before = old === undefined && status !== 'added' ? undefined : factsOf(old ?? null, kind)
  const after = factsOf(bytes, kind)
  if (before === undefined || after === undefined) return { what: UNREAD }
  const found = newSteering(before, { after, kind })
  const what = described(found)
  if (what === undefined) return undefined
  return found.every(({ isPlain }) => isPlain) ? { what, isPlain: true } : { what }
}

/** Of a manifest that people write; one with a zero byte in it may be ten times as large. */
const MAX_BYTES = 1024 * 1024
/** Of lock files, line by line: those of large workspaces have some megabytes. */
const MAX_LOCK_BYTES = 8 * 1024 * 1024

function factsOf(bytes: Uint8Array | null, kind: ManifestKind): readonly ManifestFact[] | undefined {
  if (bytes === null) return []
  const most = kind.isLock === true ? MAX_LOCK_BYTES : MAX_BYTES
  return bytes.byteLength > most ? undefined : kind.read(Buffer.from(bytes).toString('utf8'))
}

interface Found {
  readonly rule: ManifestRule
  readonly fact: ManifestFact
  readonly isPlain: boolean
}

function newSteering(
  before: readonly ManifestFact[],
  { after, kind }: { readonly after: readonly ManifestFact[]; readonly kind: ManifestKind },
): readonly Found[] {
  const known = new Set(before.map(({ key, value }) => `${key}\n${value}`))
  // The first lock file of a project comes from a public registry; a later move to one is news.
  if (before.length === 0) for (const host of REGISTRIES) known.add(`source\n${host}`).add(`host\n${host}`)
  const base: ManifestBase = {
    keys: new Set(before.map(({ key }) => key)),
    values: new Set(before.map(({ value }) => value)),
  }
  const found = after.flatMap((fact) => {
    if (known.has(`${fact.key}\n${fact.value}`)) return []
    const rule = kind.rules.find(
      ({ key, value, onlyChanged }) =>
        key.test(fact.key) &&
        (value === undefined || value.test(fact.value)) &&
        (onlyChanged !== true || base.keys.has(fact.key)),
    )
    return rule === undefined ? [] : [{ rule, fact, isPlain: rule.isPlain?.(fact, base) === true }]
  })
  return found.sort((one, other) => kind.rules.indexOf(one.rule) - kind.rules.indexOf(other.rule))
}

/** Undefined without anything; the first few names of each kind otherwise. */
function described(found: readonly Found[]): SafeMarkdown | undefined {
  const names = new Map<string, Set<string>>()
  for (const { rule, fact } of found)
    names.set(rule.what, (names.get(rule.what) ?? new Set()).add(nameOf(fact)))
  if (names.size === 0) return undefined
  const parts = [...names].map(([what, items]) => {
    const shown = [...items]
      .filter((item) => item !== '')
      .slice(0, 3)
      .map((item) => inlineCode(item, 80))
    const more = items.size > 3 ? [safeMarkdown`${items.size - 3} more`] : []
    return shown.length === 0
      ? ownWords(what)
      : safeMarkdown`${ownWords(what)}: ${joinSafe([...shown, ...more], ', ')}`
  })
  return joinSafe(parts, ', and ')
}

/** What a reviewer looks for in the file: a script, a package, a host. */
function nameOf({ key, value }: ManifestFact): string {
  if (/^(?:source|host|line)$/.test(key)) return value
  if (key === 'code') return value.length <= 80 && !value.includes('\n') ? value : ''
  if (key.startsWith('checksum/')) return key.split('/').at(-1) ?? ''
  const names = key.split('/').filter((name) => name !== '-')
  return (names.at(-1) ?? '').replaceAll('~1', '/').replaceAll('~0', '~')
}
