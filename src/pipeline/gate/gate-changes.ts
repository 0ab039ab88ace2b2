import { BackspaceError } from '../../errors.ts'
import type { PushRules } from '../../github/push-rules.ts'
import { showPath } from '../../text/show-path.ts'
import type { Pieces } from '../../time/pieces.ts'
import { type ChangedFile, touchedPaths } from '../collect/change-list.ts'
import { escapeProblem } from './paths.ts'
import { isWorkflow, protectionOf } from './protection.ts'
import {
  allowedSentences,
  INSTEAD_OF_SECRETS,
  listed,
  plainRemark,
  secretReasons,
  steeringReason,
  steeringRemark,
  taintedReasons,
  unfitReason,
  windowsProblems,
  windowsReason,
  workflowReason,
} from './reasons.ts'
import type { ReviewedChanges } from './secret-review.ts'
import { longFiles, PUBLISH_LIMITS, type PublishLimits, refuseSize } from './size-limits.ts'
import { type Steering, steeringOf, steeringText } from './steering.ts'
import { actsOnceMerged, needsDraft } from './steering-later.ts'
import { unfitFiles } from './unfit-files.ts'
import { newWindowsProblems } from './windows-names.ts'

const MOST_FILE_BYTES = 10 * 1024 * 1024

export interface GateReport {
  /** Ready for a commit. Empty when everything was withheld. */
  readonly publish: readonly ChangedFile[]
  /** Files that are never published; their diff goes into the thread, for a person to apply. */
  readonly withheld: readonly ChangedFile[]
  /** Published paths that reviewers must see first. */
  readonly protectedPaths: readonly string[]
  /** True when the pull request must be a draft, whatever the request says. */
  readonly draft: boolean
  /** Why it is a draft or what was withheld: sentences for people. */
  readonly reasons: readonly string[]
  /** Why single files are left out, each a clause that starts with the path. */
  readonly unfit: readonly string[]
  /** Files left out because of names that Windows cannot store, each a clause that starts with the path. */
  readonly notOnWindows: readonly string[]
  /** Sentences on what reviewers should look at first although it makes no draft, such as allowed findings of secrets. */
  readonly remarks: readonly string[]
}

export interface GateRequest {
  readonly changes: Pick<ReviewedChanges, 'files' | 'leaks' | 'allowed' | 'leftOut'>
  /** Every path of the base commit: up to a hundred thousand. */
  readonly baseTree: ReadonlySet<string>
  /** False when GitHub truncated the list of a huge repository, so that a path may exist without being listed. */
  readonly baseTreeComplete?: boolean
  readonly tainted: boolean
  readonly limits?: PublishLimits
  /** Bytes; a larger file is left out. Default: 10 MiB. */
  readonly fileBytes?: number | undefined
  /** Overrides the lines of `limits`. */
  readonly lines?: number | undefined
  /** The repository's rules for pushes. Default: none. */
  readonly pushRules?: PushRules | undefined
}

/**
 * Decides which files may be published: by paths, modes, sizes and contents alone, never by how the change came about.
 * It fails closed: one path that leads out of the repository or into `.git` blocks everything. For what is usually an
 * honest mistake (values that look like secrets, names that some system cannot store, new links, large files) only that
 * file is left out, and the rest becomes a draft.
 *
 * @throws {BackspaceError} `publish_blocked`, `secret_found` or `change_too_large`; the message names the paths.
 */
export function* gateChanges(request: GateRequest): Pieces<GateReport> {
  const { changes, baseTree, tainted, fileBytes = MOST_FILE_BYTES } = request
  const { files: mostFiles, lines: usualLines } = request.limits ?? PUBLISH_LIMITS
  const limits = { files: mostFiles, lines: request.lines ?? usualLines }
  const { files, leaks } = changes
  // Checked first, since reading thousands of paths takes time and no part of such a change would be published.
  if (files.length > 2 * limits.files) refuseSize(files, limits)
  const workflows = files.filter((file) => touchedPaths(file).some(isWorkflow))
  const others = files.filter((file) => !workflows.includes(file))
  const complete = request.baseTreeComplete ?? true
  yield* refusePaths(others, { paths: baseTree, complete })
  const misnamed = yield* newWindowsProblems(others, baseTree)
  const named = others.filter((file) => !misnamed.includes(file))
  const paths = new Set(files.map(({ path }) => path))
  const isTaken = (path: string) => baseTree.has(path) || paths.has(path)
  const reading = {
    basePaths: baseTree,
    isComplete: complete,
    isTaken,
    mostBytes: fileBytes,
    pushRules: request.pushRules,
  }
  const unfitOnes = yield* unfitFiles(named, reading)
  const leaking = files.filter(({ path }) => leaks.has(path))
  const apart = new Set([...leaking, ...misnamed, ...unfitOnes.keys(), ...workflows])
  const fitting = files.filter((file) => !apart.has(file))
  for (const [file, why] of longFiles(fitting, limits)) unfitOnes.set(file, why)
  const withheld = [...new Set([...apart, ...unfitOnes.keys()])]
  const publish = files.filter((file) => !withheld.includes(file))
  refuseSize(publish, limits)
  const secrets = leaking.flatMap(({ path }) => leaks.get(path)?.findings ?? [])
  if (publish.length === 0 && secrets.length > 0) throw onlySecrets(secrets)
  const steering = publish.flatMap(steeringOf)
  if (tainted && steering.length > 0) throw taintedBlock(steering)

  const unfit = [
    ...[...unfitOnes].map(([{ path }, why]) => `${showPath(path)} ${why}`),
    ...changes.leftOut.map(({ path, why }) => `${showPath(path)} ${why}`),
  ]
  const notOnWindows = windowsProblems(misnamed, isTaken)
  const reasons = [
    ...steeringReason(steering.filter(needsDraft)),
    ...secretReasons(secrets),
    ...windowsReason(notOnWindows),
    ...unfitReason(unfit),
    ...workflowReason(workflows.flatMap(touchedPaths).filter(isWorkflow)),
    ...(tainted ? taintedReasons(publish.flatMap(touchedPaths).filter(isBuildFile)) : []),
  ]
  const remarks = [
    ...steeringRemark(steering.filter(({ path }) => actsOnceMerged(path))),
    ...plainRemark(steering.filter((one) => !needsDraft(one) && !actsOnceMerged(one.path))),
    ...allowedSentences(changes.allowed),
  ]
  const protectedPaths = steering.map(({ path }) => path)
  const draft = reasons.length > 0
  return { publish, withheld, protectedPaths, draft, reasons, unfit, notOnWindows, remarks }
}

/** True when each of the files is a workflow, which runs with the repository's secrets as soon as it is pushed. */
export function isOnlyWorkflows(files: readonly ChangedFile[]): boolean {
  return files.every((file) => touchedPaths(file).some(isWorkflow))
}

function isBuildFile(path: string): boolean {
  return protectionOf(path) === 'build'
}

interface BaseTree {
  readonly paths: ReadonlySet<string>
  readonly complete: boolean
}

function* refusePaths(files: readonly ChangedFile[], baseTree: BaseTree): Pieces<void> {
  const problems: string[] = []
  for (const file of files) {
    problems.push(...fileProblems(file, baseTree))
    yield
  }
  const seen = new Set<string>()
  for (const path of files.flatMap(touchedPaths)) {
    if (seen.has(path)) problems.push(`${showPath(path)} occurs twice in the change`)
    seen.add(path)
  }
  refuse(problems)
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return
  throw new BackspaceError(
    'publish_blocked',
    `Nothing was published: ${listed(problems)}. Ask again without these, or make that part of the change by hand.`,
    { facts: { problems } },
  )
}

function fileProblems(file: ChangedFile, baseTree: BaseTree): string[] {
  const problems: string[] = []
  for (const path of touchedPaths(file)) {
    const goesAway = file.status === 'deleted' || path !== file.path
    // A bad name that the base commit already has may go away.
    const problem = goesAway && baseTree.paths.has(path) ? undefined : escapeProblem(path)
    if (problem !== undefined) problems.push(`${showPath(path)} ${problem}`)
    if (goesAway && baseTree.complete && !baseTree.paths.has(path))
      problems.push(`${showPath(path)} is to be removed but is not there`)
  }
  if (
    (file.status === 'deleted') !== (file.bytes === null) ||
    (file.mode === '000000') !== (file.bytes === null)
  ) {
    problems.push(`${showPath(file.path)} could not be read`)
  }
  return problems
}

function taintedBlock(steering: readonly Steering[]): BackspaceError {
  return new BackspaceError(
    'publish_blocked',
    `Nothing was published: the text of this task was written by someone without write access, and of the change ${steeringText(steering)}. Ask again in your own words if you want it.`,
    { facts: { paths: steering.map(({ path }) => path) } },
  )
}

function onlySecrets(findings: readonly string[]): BackspaceError {
  return new BackspaceError(
    'secret_found',
    `Nothing was published, because each changed file holds what looks like a secret, or may not be published for another reason: ${listed(findings)}. ${INSTEAD_OF_SECRETS}`,
    { facts: { findings } },
  )
}
