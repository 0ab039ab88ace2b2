import { setImmediate } from 'node:timers/promises'
import { inlineCode } from '../../text/fenced.ts'
import { joinSafe, ownWords, type SafeMarkdown, safeMarkdown } from '../../text/safe-markdown.ts'
import { type ChangedFile, touchedPaths } from '../collect/change-list.ts'
import { type ManifestFact, REGISTRIES } from './manifest-facts.ts'
import { MANIFESTS, type ManifestKind, type ManifestRule } from './manifest-rules.ts'
import { showPath } from './paths.ts'
import { foldedSegments, steeringGroup } from './protection.ts'
import { STEERS } from './steering-files.ts'

/** Something that a change makes others do before a person has read it. */
export interface Steering {
  readonly path: string
  /** Follows the path: `steers CI`, or "runs at install: `postinstall`". */
  readonly what: SafeMarkdown
}

/** A file is read once: the gate and the text of the pull request both ask. */
const READ = new WeakMap<ChangedFile, readonly Steering[]>()

/** What steers in a file, by its name or by what is new in it; empty for ordinary changes. Linear in its size. */
export function steeringOf(file: ChangedFile): readonly Steering[] {
  const steering = READ.get(file) ?? steeringIn(file)
  READ.set(file, steering)
  return steering
}

/** Reads hundreds of manifests in turn, and lets other runs go on in between; `steeringOf` then takes no time. */
export async function readSteering(files: readonly ChangedFile[]): Promise<void> {
  for (const file of files) {
    steeringOf(file)
    await setImmediate()
  }
}

function steeringIn(file: ChangedFile): readonly Steering[] {
  const byName = touchedPaths(file).flatMap((path) => {
    const group = steeringGroup(path)
    return group === undefined || group === 'build' ? [] : [{ path, what: ownWords(STEERS[group]) }]
  })
  const contents = byName.length > 0 ? undefined : steeringContents(file)
  return contents === undefined ? byName : [{ path: file.path, what: contents }]
}

/** Each file once, as "`.gitlab-ci.yml` steers CI". */
export function steeringText(steering: readonly Steering[], most = 10): SafeMarkdown {
  const shown = steering.slice(0, most).map(({ path, what }) => safeMarkdown`${showPath(path)} ${what}`)
  const more = steering.length - shown.length
  return joinSafe(more > 0 ? [...shown, safeMarkdown`and ${more} more`] : shown, '; ')
}

function steeringContents(file: ChangedFile): SafeMarkdown | undefined {
  const name = foldedSegments(file.path).at(-1) ?? ''
  const kind = MANIFESTS.find(({ names }) => names.test(name))
  if (kind === undefined || file.bytes === null) return undefined
  const unread = safeMarkdown`steers installs or builds, and cannot be read here`
  // A file with another name before is compared as well: a rename may turn a text into a manifest.
  const before =
    file.before === undefined && file.status !== 'added' ? undefined : factsOf(file.before ?? null, kind)
  const after = factsOf(file.bytes, kind)
  if (before === undefined || after === undefined) return unread
  return described(newSteering(before, { after, kind }))
}

/** As much as the gate publishes of a text; one with a zero byte in it may be ten times as large. */
const MAX_BYTES = 1024 * 1024

function factsOf(bytes: Uint8Array | null, kind: ManifestKind): readonly ManifestFact[] | undefined {
  if (bytes === null) return []
  return bytes.byteLength > MAX_BYTES ? undefined : kind.read(Buffer.from(bytes).toString('utf8'))
}

interface Found {
  readonly rule: ManifestRule
  readonly fact: ManifestFact
}

function newSteering(
  before: readonly ManifestFact[],
  { after, kind }: { readonly after: readonly ManifestFact[]; readonly kind: ManifestKind },
): readonly Found[] {
  const known = new Set(before.map(({ key, value }) => `${key}\n${value}`))
  // The first lock file of a project comes from a public registry; a later move to one is news.
  if (before.length === 0) for (const host of REGISTRIES) known.add(`source\n${host}`).add(`host\n${host}`)
  const knownKeys = new Set(before.map(({ key }) => key))
  const found = after.flatMap((fact) => {
    if (known.has(`${fact.key}\n${fact.value}`)) return []
    const rule = kind.rules.find(
      ({ key, value, onlyChanged }) =>
        key.test(fact.key) &&
        (value === undefined || value.test(fact.value)) &&
        (onlyChanged !== true || knownKeys.has(fact.key)),
    )
    return rule === undefined ? [] : [{ rule, fact }]
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
