import type { CheckResult } from '../run-checks.ts'
import { fileKind } from './languages.ts'
import { isOthers } from './own-folders.ts'
import type { ProjectPlan, RepositoryPlan, UncheckedPart } from './plan.ts'
import { holdingIn } from './projects-holding.ts'

/** The most projects to check in addition to those that are checked before the agent starts. */
const MAX_AFFECTED = 8
/** The most parts to name. */
const MAX_PARTS = 20

/** The projects and parts of a repository that a change reaches. */
export interface Affected {
  /** Projects whose checks must run, in the order of the repository's plan. */
  readonly projects: readonly ProjectPlan[]
  /** Changed parts that no check covers. */
  readonly notChecked: readonly UncheckedPart[]
}

/**
 * Finds the projects of changed files: each file belongs to the innermost project around it of its language. Texts for
 * people and files of CI belong to none. If the settings name the checks, the result is empty, since it is not known what
 * they cover.
 *
 * @param changedPaths relative to the root, with both names of a moved file.
 */
export function affectedProjects(
  { projects, baseline, untested, said }: RepositoryPlan,
  changedPaths: readonly string[],
): Affected {
  if (said !== undefined) return { projects: [], notChecked: [] }
  const holdingOf = holdingIn(projects)
  const reached = new Set<ProjectPlan>()
  const parts = new Map<string, string>()
  const foreign = new Map<string, string[]>()
  for (const path of changedPaths) {
    const { holders, foreign: language } = holdingOf(path)
    // Changed data of a project without checks is not reported.
    const isNamed = fileKind(path).kind !== 'data'
    for (const holder of holders) if (isNamed || holder.checks.length > 0) reached.add(holder)
    const key = language ?? (holders.length === 0 && isCode(path) ? '' : undefined)
    if (key === undefined) continue
    const others = foreign.get(key)
    if (others === undefined) foreign.set(key, [path])
    else others.push(path)
  }
  for (const one of [...reached]) {
    const related = projects.filter((other) => other.ecosystem === one.ecosystem)
    const root = related.find(({ folder }) => folder === one.workspace)
    if (root !== undefined && root.checks.length > 0) reached.add(root)
    // A workspace root without checks is checked by its members.
    const members = related.filter(({ workspace }) => workspace === one.folder)
    if (one.checks.length > 0 || members.length === 0) continue
    reached.delete(one)
    for (const member of members) reached.add(member)
  }
  const ordered = projects.filter((one) => reached.has(one))
  for (const { folder, checks } of ordered) {
    const hasOther = ordered.some((one) => one.folder === folder && one.checks.length > 0)
    if (checks.length === 0 && !hasOther)
      parts.set(folder, reasonFor(folder, untested) ?? 'no check covers it')
  }
  const checked = ordered.filter(({ checks }) => checks.length > 0)
  const more = checked.filter((one) => !baseline.includes(one))
  for (const { folder } of more.slice(MAX_AFFECTED))
    parts.set(folder, `more than ${MAX_AFFECTED} projects are affected`)
  const left = new Set(more.slice(MAX_AFFECTED))
  return {
    projects: checked.filter((one) => !left.has(one)),
    notChecked: [
      ...[...parts].map(([path, reason]) => ({ path, reason })),
      ...[...foreign].map(([language, paths]) => {
        const path = partOf(paths)
        const files = language === '' ? 'no check covers it' : `no check covers files of ${language}`
        return { path, reason: reasonFor(path, untested) ?? files }
      }),
    ].slice(0, MAX_PARTS),
  }
}

function isCode(path: string): boolean {
  const { kind } = fileKind(path)
  return (kind === 'source' || kind === 'shared') && !isOthers(path)
}

function reasonFor(part: string, untested: readonly UncheckedPart[]): string | undefined {
  return untested.find(({ path }) => path === part)?.reason
}

/** The only file, else the innermost folder that holds all files, else the first file. */
function partOf(paths: readonly string[]): string {
  const [first = ''] = paths
  if (paths.length === 1) return first
  const parts = first.split('/').slice(0, -1)
  for (; parts.length > 0; parts.pop()) {
    const folder = parts.join('/')
    if (paths.every((path) => path.startsWith(`${folder}/`))) return folder
  }
  return first
}

/** Projects none of whose checks has a result of its own, with the cause of the first. */
export function partsNotRun(
  projects: readonly ProjectPlan[],
  results: readonly CheckResult[],
): readonly UncheckedPart[] {
  return projects.flatMap(({ folder, checks }) => {
    const own = checks.flatMap(({ command }) => results.find((result) => result.command === command) ?? [])
    const [first] = own
    if (first?.cause === undefined || own.some(({ cause }) => cause === undefined)) return []
    return [{ path: folder, reason: `\`${first.command}\` ${first.cause.text}` }]
  })
}
