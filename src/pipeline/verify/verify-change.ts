import { compareChecks } from '../../checks/compare-checks.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { knownError } from '../../errors.ts'
import { goesOnElsewhere } from '../../runs/queue/run-released.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { RoomFacts, Verification, VerifiedCheck } from '../../runs/verification.ts'
import { SandboxError } from '../../sandbox/sandbox.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import { isLost } from '../sandbox/attempt-sandboxes.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { checkHead, type HeadPart, settledResults } from './check-head.ts'
import { changeKey, type KeptParts } from './kept-parts.ts'
import type { OpenRoom, Room, VerifiedBase } from './open-room.ts'

/** What is to be verified. */
export interface VerifyRequest {
  readonly from: VerifiedBase
  readonly mode: Verification['mode']
  /** Exactly what would be published. */
  readonly files: readonly VerifiedFile[]
  /** As it was before the agent entered: what decides the checks, and what they said then. */
  readonly project: Pick<ProjectFacts, 'checks' | 'limits' | 'baseline'>
  /** What the agent's workspace said about the same files: a check that ends otherwise here runs once more. */
  readonly elsewhere: readonly CheckResult[]
}

/** What a verification came to. */
export interface Verified {
  readonly verification: Verification
  /** Of the clean sandbox, in the order of the commands; empty if nothing could be verified. */
  readonly after: readonly CheckResult[]
  /** Paths that git ignores in the clean sandbox, if a check ends otherwise than in the agent's workspace. */
  readonly ignored: readonly string[]
}

export interface VerifyChangeParts {
  readonly openRoom: OpenRoom
  readonly kept: KeptParts
  /** Says that a sandbox has to be waited for. */
  readonly onWait: (message: string) => void
  readonly onError: (error: unknown) => void
}

/** How long one verification may take. */
export interface VerifyLimits {
  /** Aborts with the run, and when the change is another one. */
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly leftMs: () => number
}

/**
 * Verifies a change in rooms that no agent entered. A room that is lost is replaced once. Whatever else goes wrong is a fact
 * of the verification: no failure of it ends the run.
 *
 * @throws the signal's reason, and what says that the run goes on elsewhere.
 */
export async function verifyChange(
  request: VerifyRequest,
  { signal, leftMs }: VerifyLimits,
  parts: VerifyChangeParts,
): Promise<Verified> {
  const { from, files, project, elsewhere } = request
  const { openRoom, kept, onWait, onError } = parts
  const key = changeKey(from.base.sha, files)

  async function inRoom<T>(name: RoomFacts['name'], work: (room: Room) => Promise<T>): Promise<T> {
    async function once(): Promise<T> {
      await using room = await openRoom({ name, from, files, signal, leftMs, onWait })
      return await work(room)
    }
    return once().catch((error: unknown) => {
      if (signal.aborted || !isLost(error)) throw error
      return once()
    })
  }

  try {
    const head = await kept.once(key, 'head', () =>
      inRoom('head', (room) => checkHead(room, { project, elsewhere, signal, leftMs })),
    )
    return { verification: describe(request, head), after: settledResults(head), ignored: head.ignored }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof WriteRefused || goesOnElsewhere(error)) throw error
    if (!(error instanceof SandboxError) && !knownError(error)) onError(error)
    return unverified(request, whyNot(error))
  }
}

/** A verification that could not happen; its reason is a sentence for people. */
export function unverified(
  { from: { base }, mode }: Pick<VerifyRequest, 'from' | 'mode'>,
  reason: string,
): Verified {
  const verification: Verification = {
    mode,
    baseSha: base.sha,
    baseBranch: base.branch,
    tree: '',
    unverified: reason,
    checks: [],
    notChecked: [],
    differences: [],
    rooms: [],
  }
  return { verification, after: [], ignored: [] }
}

function whyNot(error: unknown): string {
  if (isLost(error)) return 'The clean sandbox was lost twice. Ask again.'
  const known = knownError(error)
  if (known) return known.userMessage
  return error instanceof SandboxError ? error.message : 'Something unforeseen failed. Ask again.'
}

function describe({ from: { base }, mode, project }: VerifyRequest, head: HeadPart): Verification {
  const checks = compareChecks(project.baseline, settledResults(head)).map(
    ({ command, verdict }): VerifiedCheck => ({ command, folder: '', verdict: verdictNow(verdict) }),
  )
  const nothingRan = checks.length > 0 && checks.every(({ verdict }) => verdict === 'no_proof')
  return {
    mode,
    baseSha: base.sha,
    baseBranch: base.branch,
    tree: head.tree,
    unverified: nothingRan && head.setup.setupFailed ? head.setup.setup : undefined,
    checks,
    notChecked: [],
    differences: [],
    rooms: [head.room],
  }
}

/** Exit codes alone cannot tell what a check says that fails before and after. */
function verdictNow(verdict: ReturnType<typeof compareChecks>[number]['verdict']): VerifiedCheck['verdict'] {
  if (verdict === 'still_failing') return 'cannot_tell'
  return verdict === 'not_run' ? 'no_proof' : verdict
}
