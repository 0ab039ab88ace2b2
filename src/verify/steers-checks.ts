import { posix } from 'node:path'
import { isTestFile } from '../checks/file-roles.ts'
import type { Project } from '../checks/project.ts'
import { isRecord } from '../text/is-record.ts'
import { jsonOrUndefined } from '../text/json-or-undefined.ts'
import { takesPlaceOfLibrary } from '../text/library-names.ts'
import { changedLines, readDiff } from '../text/read-diff.ts'
import { BY_LINE, BY_NAME, OF_BUILDS, OF_RUNNERS } from './check-files.ts'
import { programsOfChecks } from './programs-of-checks.ts'
import { isShrinkingBaseline } from './shrinking-baselines.ts'
import type { VerifiedFile } from './verified-file.ts'

/** Fields of `package.json` that do not affect how its scripts run. */
const BESIDE_SCRIPTS =
  /^(?:(?:dev|peer|optional)?[dD]ependencies|version|description|keywords|author|license|files)$/

/** A file of a change that decides how its checks run. */
export interface CheckSteering {
  readonly file: VerifiedFile
  /** True if the file also decides what is built. Without the edit nothing may build, which would show nothing. */
  readonly builds: boolean
}

/**
 * The files of a change that decide how its checks run: configuration of runners and build tools, scripts, and files that
 * are loaded before the tests.
 *
 * @param of.commands commands of the checks.
 * @param of.project the tree with the change.
 */
export async function steersChecks(
  files: readonly VerifiedFile[],
  { commands, project }: { readonly commands: readonly string[]; readonly project: Project },
): Promise<readonly CheckSteering[]> {
  const programs = await programsOfChecks(commands, { project, files })
  const roots = rootsOf(commands)
  const isNamed = (path: string) => BY_NAME.test(path) || (programs.has(path) && !isTestFile(path))
  return files.flatMap((file): CheckSteering[] => {
    const paths = pathsOf(file)
    if (isShrinkingBaseline(file)) return []
    // Without it, a library of tests may not build; with it, one that is installed is not what tests ask.
    if (isNew(file) && OF_RUNNERS.test(file.path)) return [{ file, builds: true }]
    if (isNew(file) && roots.some((root) => isLibraryBelow(root, file.path))) return [{ file, builds: false }]
    if (paths.some(isNamed)) return [{ file, builds: paths.every((path) => OF_BUILDS.test(path)) }]
    return changesLine(file) || changesScripts(file) ? [{ file, builds: !isTestFile(file.path) }] : []
  })
}

function isNew({ status, previousPath }: VerifiedFile): boolean {
  return status === 'added' || previousPath !== undefined
}

/** Where checks start: `cd api && pytest`. */
function rootsOf(commands: readonly string[]): readonly string[] {
  const folders = commands.flatMap((command) =>
    [...command.matchAll(/\bcd\s+["']?([\w./-]{1,200})/g)].map(([, folder = '']) => posix.join(folder, '/')),
  )
  return ['', ...new Set(folders)]
}

function isLibraryBelow(root: string, path: string): boolean {
  return path.startsWith(root) && takesPlaceOfLibrary(path.slice(root.length))
}

function pathsOf({ path, previousPath }: VerifiedFile): readonly string[] {
  return previousPath === undefined ? [path] : [path, previousPath]
}

/** Characters of each line that are looked at; lines of code are shorter. */
const MOST_CHARS = 500

function changesLine(file: VerifiedFile): boolean {
  const rules = BY_LINE.filter((rule) => pathsOf(file).some((path) => rule.file.test(path)))
  if (rules.length === 0) return false
  const read = readDiff(file.diff)
  const lines = [...changedLines(read, '+'), ...changedLines(read, '-')]
  return lines.some((text) => rules.some(({ line }) => line.test(text.slice(0, MOST_CHARS))))
}

function changesScripts(file: VerifiedFile): boolean {
  if (!pathsOf(file).some((path) => posix.basename(path) === 'package.json')) return false
  const [before, after] = [file.before, file.bytes].map(scriptsIn)
  return before !== after
}

/** The fields of a manifest that affect its scripts, as text. */
function scriptsIn(bytes: Uint8Array | null | undefined): string {
  const parsed = jsonOrUndefined(new TextDecoder().decode(bytes ?? undefined))
  if (!isRecord(parsed)) return ''
  return JSON.stringify(Object.entries(parsed).filter(([key]) => !BESIDE_SCRIPTS.test(key)))
}
