import { posix } from 'node:path'
import { type PushRules, pushProblem } from '../../github/push-rules.ts'
import { mebibytes } from '../../text/amounts.ts'
import { showPath } from '../../text/show-path.ts'
import type { Pieces } from '../../time/pieces.ts'
import { type ChangedFile, touchedPaths } from '../collect/change-list.ts'
import { freeName, type IsTaken, suggestion } from './better-name.ts'
import { escapeProblem, modeProblem, pathCollisions, pathProblem } from './paths.ts'

interface UnfitRequest {
  /** Every path of the base commit. */
  readonly basePaths: ReadonlySet<string>
  /** False if the base commit may have more paths. */
  readonly isComplete: boolean
  readonly isTaken: IsTaken
  /** Bytes of the largest file that may be published. */
  readonly mostBytes: number
  /** The repository's rules for pushes. Default: none. */
  readonly pushRules?: PushRules | undefined
}

/**
 * Finds files that cannot be published although the rest of the change can: new links, names that some system cannot
 * store, files that are too large.
 *
 * @returns the reason for each file, as the end of a sentence that starts with its path.
 */
export function* unfitFiles(
  files: readonly ChangedFile[],
  { basePaths, isComplete, isTaken, mostBytes, pushRules }: UnfitRequest,
): Pieces<Map<ChangedFile, string>> {
  const unfit = new Map<ChangedFile, string>()
  for (const file of files) {
    yield
    const exists = file.status === 'modified' && (basePaths.has(file.path) || !isComplete)
    const ruled =
      pushRules && pushProblem({ paths: touchedPaths(file), bytes: file.bytes?.length ?? 0 }, pushRules)
    const why =
      file.status === 'deleted'
        ? ruled
        : (ruled ??
          linkProblem(file, files) ??
          (exists ? undefined : nameProblem(file.path, isTaken)) ??
          sizeProblem(file, mostBytes))
    if (why !== undefined) unfit.set(file, why)
  }
  const fit = files.filter((file) => !unfit.has(file))
  const collisions = yield* pathCollisions(fit, basePaths)
  for (const file of fit) {
    const collision = collisions.get(file.path)
    if (collision === undefined || file.status === 'deleted') continue
    const free = collision.instead && freeName(collision.instead, isTaken)
    unfit.set(file, free ? `${collision.why}; ${showPath(free)} would do` : collision.why)
  }
  return unfit
}

function nameProblem(path: string, isTaken: IsTaken): string | undefined {
  // Such a path is no honest mistake and blocks the whole change elsewhere.
  if (escapeProblem(path) !== undefined) return undefined
  const problem = pathProblem(path)
  return problem === undefined ? undefined : `${problem}${suggestion(path, isTaken)}`
}

function sizeProblem({ bytes, large }: ChangedFile, most: number): string | undefined {
  const size = (large?.bytes ?? bytes)?.length ?? 0
  return size > most ? `has ${mebibytes(size)} (limit ${mebibytes(most)})` : undefined
}

function linkProblem(file: ChangedFile, files: readonly ChangedFile[]): string | undefined {
  if (file.mode !== LINK) return modeProblem(file.mode)
  return hasOnlyMoved(file, files) ? undefined : modeProblem(file.mode)
}

const LINK = '120000'

/**
 * True for a link of the base commit that has only moved: its target text is the same and stays inside the repository (or
 * led outside before), or it still leads to the same place.
 */
function hasOnlyMoved(file: ChangedFile, files: readonly ChangedFile[]): boolean {
  if (file.bytes === null || file.previousMode === undefined) return false
  const target = Buffer.from(file.bytes).toString()
  const led = placeOf(file.path, target)
  if (file.status === 'renamed' && file.previousPath !== undefined && file.previousMode === LINK) {
    return led !== undefined || placeOf(file.previousPath, target) === undefined
  }
  if (led === undefined || file.status !== 'added') return false
  return files.some(
    ({ path, status, previousMode, before }) =>
      status === 'deleted' &&
      previousMode === LINK &&
      posix.basename(path) === posix.basename(file.path) &&
      placeOf(path, Buffer.from(before ?? []).toString()) === led,
  )
}

/** The target of a link, from the root of the repository; undefined if it is outside or in git's own folder. */
function placeOf(path: string, target: string): string | undefined {
  if (target.startsWith('/') || target.includes('\0')) return undefined
  const place = posix.normalize(posix.join(posix.dirname(path), target))
  const isOutside = place === '..' || place.startsWith('../')
  return isOutside || place.toLowerCase().split('/').includes('.git') ? undefined : place
}
