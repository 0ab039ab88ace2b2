import { diffGuard } from '../../checks/diff-guard.ts'
import type { GuardFinding } from '../../checks/guard/change/guarded-change.ts'
import { lockFileProblems } from '../../checks/lock-files.ts'
import { BackspaceError } from '../../errors.ts'
import type { TreeListing } from '../../github/commits.ts'
import { changeListing } from '../../verify/tree-id.ts'
import { removedPaths } from '../../verify/verified-file.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { diffFile, replacedFile } from '../collect/diff-file.ts'
import { markersIn } from './markers.ts'
import { stateOf } from './merge-text.ts'
import type { MergeConflict, PreparedMerge } from './prepare-merge.ts'
import type { LockReport } from './regenerate-locks.ts'

/** Judges the agent's work on a merge, by the parts that are in neither branch. */
export interface MergeChange {
  readonly prepared: PreparedMerge
  /** Every file of the tree with which the agent began. */
  readonly listing: TreeListing
  /**
   * Separates files that now equal one of the sides (`given`) from the agent's own work (`own`).
   *
   * @throws {BackspaceError} `publish_blocked` if a conflict marker is left, or a file with a name that git made up.
   */
  split(files: readonly ChangedFile[]): {
    readonly given: readonly ChangedFile[]
    readonly own: readonly ChangedFile[]
  }
  /** Paths of lock files in conflict. */
  readonly locks: ReadonlySet<string>
  /** Both sides of a file with conflict markers; undefined for any other file. */
  sidesOf(path: string): readonly Uint8Array[] | undefined
  /** Files in conflict without markers that still are as git left them, whether on purpose or not. */
  asBegun(files: readonly ChangedFile[]): readonly MergeConflict[]
  /** Sentences for the agent on the files of `asBegun`, and on lock files in conflict that still are those of the base. */
  warnings(files: readonly ChangedFile[]): readonly string[]
  /** Runs `diffGuard` on the parts that are new to both sides. */
  guard(files: readonly ChangedFile[]): Promise<readonly GuardFinding[]>
  /** The whole merge as a change of the base branch. @param files the files that the agent changed. */
  wholeChange(files: readonly ChangedFile[]): readonly ChangedFile[]
}

/**
 * @param base every file of the base branch.
 * @param reports how lock files in conflict were regenerated.
 */
export function createMergeChange(
  prepared: PreparedMerge,
  base: TreeListing,
  reports: readonly LockReport[],
): MergeChange {
  const written = new Set(reports.filter(({ problem }) => problem === undefined).map(({ path }) => path))
  const { conflicts } = prepared
  const locks = new Set(conflicts.flatMap(({ path, relock }) => (relock === undefined ? [] : [path])))
  const byPath = new Map(conflicts.map((conflict) => [conflict.path, conflict]))
  const merged = new Map(prepared.files.map((file) => [file.path, file]))
  const inBase = new Map(base.entries.map((entry) => [entry.path, entry]))

  function isOfOneSide({ path, previousPath, mode, sha }: ChangedFile): boolean {
    const conflict = byPath.get(path)
    if (conflict === undefined || previousPath !== undefined) return false
    const { ours, theirs } = conflict
    return [ours, theirs].some((side) =>
      sha === null ? side === undefined : side?.sha === sha && side.mode === mode,
    )
  }

  /** Clauses on unresolved conflicts, with file and line. */
  function unresolved(files: readonly ChangedFile[]): readonly string[] {
    const changed = new Map(files.map((file) => [file.path, file]))
    const gone = new Set(files.flatMap(removedPaths))
    const open = conflicts.filter(({ path }) => !gone.has(path))
    const marked = open.flatMap(({ path, hasMarkers, sides }) => {
      const begun = merged.get(path)?.bytes
      const bytes = changed.get(path)?.bytes ?? begun
      const lines = hasMarkers && bytes ? markersIn(bytes, { begun: begun ?? bytes, sides }) : []
      return lines.length === 0 ? [] : [`\`${path}\` line ${lines.join(', ')}`]
    })
    const named = open.filter(({ path }) => MADE_UP.test(path) && merged.has(path) && !inBase.has(path))
    return [
      ...(marked.length === 0 ? [] : [`conflict markers are left in ${marked.join('; ')}`]),
      ...named.map(({ path }) => `\`${path}\` still has the name that git made up for it`),
    ]
  }

  function asBegun(files: readonly ChangedFile[]): readonly MergeConflict[] {
    const touched = new Set(files.flatMap(({ path, previousPath = path }) => [path, previousPath]))
    return conflicts.filter(({ path, hasMarkers }) => !hasMarkers && !touched.has(path) && !written.has(path))
  }

  return {
    prepared,
    locks,
    sidesOf: (path) => (byPath.get(path)?.hasMarkers ? byPath.get(path)?.sides : undefined),
    listing: changeListing(base, prepared.files),
    split(files) {
      requireResolved(unresolved(files))
      return { given: files.filter(isOfOneSide), own: files.filter((file) => !isOfOneSide(file)) }
    },
    asBegun,
    warnings(files) {
      const left = asBegun(files)
      const undecided = left.flatMap((conflict) =>
        conflict.relock
          ? []
          : [
              `\`${conflict.path}\` was in conflict and is as git left it: ${stateOf(conflict)}. If that is right, say why in the summary.`,
            ],
      )
      const stale = left.flatMap(({ path, relock }) =>
        relock
          ? [
              `\`${path}\` was in conflict and still is that of base. If the dependencies of both sides differ, write it again: ${relock}`,
            ]
          : [],
      )
      return [...undecided, ...stale]
    },
    async guard(files) {
      const rest = files.filter(({ path }) => !byPath.get(path)?.hasMarkers)
      const findings = [...(await diffGuard(rest))]
      for (const file of files) {
        const { hasMarkers, sides = [] } = byPath.get(file.path) ?? {}
        if (!hasMarkers) continue
        const found = await Promise.all(sides.map((side) => diffGuard([comparedWith(file, side)])))
        const [first = [], ...others] = found
        findings.push(
          ...first.filter(({ text }) => others.every((other) => other.some((one) => one.text === text))),
        )
      }
      // Both sides changed their manifests, whether git or the agent merged them.
      const asked = new Set([...locks].flatMap((path) => lockFileProblems([path])))
      return findings.filter(({ text }) => !asked.has(text))
    },
    wholeChange(files) {
      const whole = new Map(merged)
      for (const file of files) {
        for (const path of removedPaths(file)) {
          const before = inBase.get(path)
          if (before) whole.set(path, deletion(path))
          else whole.delete(path)
        }
        if (file.bytes === null) continue
        const before = inBase.get(file.path)
        if (before?.sha === file.sha && before?.mode === file.mode) whole.delete(file.path)
        else whole.set(file.path, onBase(file, before !== undefined))
      }
      return [...whole.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
    },
  }
}

/** Names that git gives to a file where the other side has a folder, or another kind of file. */
const MADE_UP = /~(?:head|base)(?:_\d+)?$/

/** @throws {BackspaceError} `publish_blocked` if there are unresolved conflicts. */
function requireResolved(unresolved: readonly string[]): void {
  if (unresolved.length === 0) return
  throw new BackspaceError(
    'publish_blocked',
    `Nothing was published: ${unresolved.join('; ')}. Ask again, and say which side is right there, or resolve them by hand.`,
    { facts: { unresolved } },
  )
}

/** @throws {BackspaceError} `publish_blocked` if a file is left out, since a merge without one of its files undoes changes. */
export function requireWhole({
  withheld,
  unfit,
  reasons,
}: {
  readonly withheld: readonly ChangedFile[]
  /** Clauses on files that cannot be published. */
  readonly unfit: readonly string[]
  readonly reasons: readonly string[]
}): void {
  if (withheld.length + unfit.length === 0) return
  throw new BackspaceError(
    'publish_blocked',
    `Nothing was published, because a merge needs all of its files: ${reasons.join(' ')} Resolve these by hand.`,
    { facts: { paths: withheld.map(({ path }) => path), unfit } },
  )
}

function comparedWith(file: ChangedFile, before: Uint8Array): ChangedFile {
  const compared = { ...file, before, oldMode: file.mode }
  return { ...file, before, status: 'modified', ...(diffFile(compared) ?? replacedFile(compared)) }
}

function onBase(file: ChangedFile, isInBase: boolean): ChangedFile {
  const { path, mode, bytes, sha, binary } = file
  const status = isInBase ? 'modified' : 'added'
  // No diff: the lines were compared with the merge, not with the base.
  return { path, status, mode, bytes, sha, binary, additions: 0, deletions: 0, diff: '' }
}

function deletion(path: string): ChangedFile {
  const nothing = { bytes: null, sha: null, binary: false, additions: 0, deletions: 0, diff: '' } as const
  return { path, status: 'deleted', mode: '000000', ...nothing }
}
