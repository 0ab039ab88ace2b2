import { inlineCode } from '../../text/markdown/fenced.ts'
import { joinSafe, ownWords, type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'
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

/** Something that a changed file makes people, agents or programs do. */
export interface Steering {
  readonly path: string
  /** Words that follow the path: `steers CI`, or "runs at install: `postinstall`". */
  readonly what: SafeMarkdown
  /** Set when the change gives the file no new power, so that it is mentioned without making a draft. */
  readonly isPlain?: true
}

/** Results by file, since both the gate and the text of the pull request ask. */
const READ = new WeakMap<SteeringFile, readonly Steering[]>()

/** The fields of a changed file that are judged. */
export type SteeringFile = Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'bytes' | 'before'>

/** What a changed file steers, by its name or its new contents; empty for ordinary changes. Takes linear time. */
export function steeringOf(file: SteeringFile): readonly Steering[] {
  const steering = READ.get(file) ?? steeringIn(file)
  READ.set(file, steering)
  return steering
}

/** Runs `steeringOf` in a thread; undefined if it took longer than `limitMs`. */
export type SteerInThread = (file: SteeringFile, limitMs: number) => Promise<readonly Steering[] | undefined>

/** Bytes of both versions of a manifest together; reading this much takes at most 20 milliseconds. */
const SMALL_BYTES = 4 * 1024
const FILE_MS = 3_000
/** Milliseconds for all files of a change together. */
const CHANGE_MS = 15_000

/**
 * Judges the files in advance, larger ones in a thread, so that `steeringOf` then takes no time: a change may have
 * hundreds of manifests, and other runs go on in between. A file that there was no time to read counts as steering.
 */
export async function readSteering(
  files: readonly SteeringFile[],
  inThread: SteerInThread = async (file) => steeringOf(file),
  sidesOf: SidesOf = () => undefined,
): Promise<void> {
  let left = CHANGE_MS
  for (const file of files) {
    await breathe()
    readResolved(file, sidesOf(file.path))
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

/** Both sides of a file that a merge left with conflict markers; undefined for any other file. */
type SidesOf = (path: string) => readonly Uint8Array[] | undefined

/** Bytes of both sides and the file together. A larger one counts as unreadable, as its markers are. */
const RESOLVED_BYTES = 64 * 1024

/** Judges a manifest that was in conflict: what one of the sides has is not new. */
function readResolved(file: SteeringFile, sides: readonly Uint8Array[] = []): void {
  const kind = sides.length === 2 ? manifestOf(file) : undefined
  const size = sides.reduce((sum, { length }) => sum + length, file.bytes?.length ?? 0)
  if (kind === undefined || size > RESOLVED_BYTES) return
  const contents = steeringContents(file, kind, sides)
  READ.set(file, contents === undefined ? [] : [{ path: file.path, ...contents }])
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

/** The kind of manifest whose contents decide what the file steers; undefined when its name alone decides. */
function manifestOf(file: SteeringFile): ManifestKind | undefined {
  const name = foldedSegments(file.path).at(-1) ?? ''
  const kind = MANIFESTS.find(({ names }) => names.test(name))
  const steers = steeringNames(file).length > 0 && !isListOfPackages(file)
  return file.bytes === null || steers ? undefined : kind
}

/**
 * True for an existing list of packages in an unknown dot folder or in `.github/`: requirements of Python, and there lock files of npm.
 * Its contents are judged as elsewhere.
 */
function isListOfPackages({ path, status }: SteeringFile): boolean {
  const group = status === 'modified' ? steeringGroup(path) : undefined
  const name = foldedSegments(path).at(-1) ?? ''
  if (group === 'github') return /^(?:pnpm-lock\.yaml|package-lock\.json|yarn\.lock)$/.test(name)
  return group === 'other' && /^(?:requirements|constraints)[\w.-]*\.txt$/.test(name)
}

function steeringContents(
  { status, bytes, before: old }: SteeringFile,
  kind: ManifestKind,
  sides?: readonly Uint8Array[],
): Pick<Steering, 'what' | 'isPlain'> | undefined {
  // A renamed file is compared as well, since a rename may turn a text into a manifest.
  const olds = sides ?? (old === undefined && status !== 'added' ? undefined : [old ?? null])
  const read = olds?.map((one) => factsOf(one, kind))
  const before = read?.every((facts) => facts !== undefined) ? read.flat() : undefined
  const after = factsOf(bytes, kind)
  if (before === undefined || after === undefined) return { what: UNREAD }
  const found = newSteering(before, { after, kind })
  const what = described(found)
  if (what === undefined) return undefined
  return found.every(({ isPlain }) => isPlain) ? { what, isPlain: true } : { what }
}

/** Bytes of a manifest that people write. */
const MAX_BYTES = 1024 * 1024
/** Bytes of a lock file, which is read line by line; those of large workspaces have some megabytes. */
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
  // In a new file public registries are expected; in an existing one, moving to a registry is reported.
  if (before.length === 0) for (const host of REGISTRIES) known.add(`source\n${host}`).add(`host\n${host}`)
  // Any manifest may name packages of JSR, and this host serves its scope alone.
  known.add('source\nnpm.jsr.io').add('host\nnpm.jsr.io')
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

/** Describes findings by kind, each with its first few names; undefined when there are none. */
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

/** The name to show to a reviewer: a script, a package, a host. */
function nameOf({ key, value }: ManifestFact): string {
  if (/^(?:source|host|line)$/.test(key)) return value
  if (key === 'code') return value.length <= 80 && !value.includes('\n') ? value : ''
  if (key.startsWith('checksum/')) return key.split('/').at(-1) ?? ''
  const names = key.split('/').filter((name) => name !== '-')
  return (names.at(-1) ?? '').replaceAll('~1', '/').replaceAll('~0', '~')
}
