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
  /** False if more paths may be there. */
  readonly isComplete: boolean
  readonly isTaken: IsTaken
  /** Bytes of one file. */
  readonly mostBytes: number
  /** What no push may bring in; default: nothing. */
  readonly pushRules?: PushRules | undefined
}

/**
 * Files that cannot be published although the rest of the change can: a new link, a name that no other system holds, too many bytes.
 *
 * @returns for each of them why, as the end of a sentence that starts with its path.
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
  // Such a path is no mistake: it blocks the whole change.
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
 * A link of the base commit that is somewhere else now, and either says the same and still stays inside of the repository, or
 * leads to the same place as before. One that led outside already may say the same.
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

/** Where a link leads, from the root of the repository; undefined if that is outside of it, or in git's own folder. */
function placeOf(path: string, target: string): string | undefined {
  if (target.startsWith('/') || target.includes('\0')) return undefined
  const place = posix.normalize(posix.join(posix.dirname(path), target))
  const isOutside = place === '..' || place.startsWith('../')
  return isOutside || place.toLowerCase().split('/').includes('.git') ? undefined : place
}
