import type { CheckResult } from '../../checks/run-checks.ts'
import { knownError } from '../../errors.ts'
import type { RecordedCommand } from '../../receipts/recorded-command.ts'
import { goesOnElsewhere } from '../../runs/queue/run-released.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { RoomFacts, Verification } from '../../runs/verification.ts'
import { SandboxError } from '../../sandbox/sandbox.ts'
import { noRegression } from '../../verify/join-regressions.ts'
import { changedLinesOf } from '../../verify/line-coverage/changed-lines.ts'
import type { ReadCoverage } from '../../verify/line-coverage/read-coverage.ts'
import type { WantedCoverage } from '../../verify/line-coverage/wanted-coverage.ts'
import { unpackChecks } from '../../verify/pack-checks.ts'
import type { NamedTest } from '../../verify/reports/named-test.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { splitChange } from '../../verify/split-change.ts'
import { changeListing } from '../../verify/tree-id.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { BaselineNames } from '../checks/baseline-names.ts'
import { isLost } from '../sandbox/attempt-sandboxes.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { type BasePart, checkBase } from './check-base.ts'
import { checkHead, type HeadPart, settledResults } from './check-head.ts'
import { describeVerification, notVerified } from './describe-verification.ts'
import { changeKey, type KeptParts } from './kept-parts.ts'
import { inRoom, type OpenRoom, type Room, type RoomVersions, type VerifiedBase } from './open-room.ts'
import { type CheckRuns, type ProofPart, proofWithoutRoom, proveChange, tryAhead } from './prove-change.ts'
import { recordBaseline } from './room-commands.ts'
import { mayBeSideBySide, type RoomsAtOnce } from './rooms-at-once.ts'
import { pathsOf, verifyWithoutRoom } from './verify-without-room.ts'

/** A change that is to be verified. */
export interface VerifyRequest {
  readonly from: VerifiedBase
  readonly mode: Verification['mode']
  /** Exactly the files that would be published. */
  readonly files: readonly VerifiedFile[]
  /** The project before the agent worked: its checks, and their results at that time. */
  readonly project: Pick<ProjectFacts, 'checks' | 'limits' | 'baseline' | 'repository'>
  /** Results of the checks in a room of the base commit; undefined if they ran in the agent's sandbox before the agent. */
  readonly atBase?: BasePart | undefined
  /** Results on the same files in the agent's workspace. A check that ends differently in the room runs once more. */
  readonly elsewhere: readonly CheckResult[]
}

/** The result of a verification. */
export interface Verified {
  readonly verification: Verification
  /** Results in the clean sandbox, in the order of the commands; empty if nothing could be verified. */
  readonly after: readonly CheckResult[]
  /** Results of the same checks before the change. */
  readonly before: readonly CheckResult[]
  /** Paths that git ignores in the clean sandbox; read only if a check ends differently in the agent's workspace. */
  readonly ignored: readonly string[]
  /** Edited paths that decide how checks run; the checks also ran on the change without these edits. */
  readonly withoutEdits: readonly string[]
  /** The named tests of the checks in the clean sandbox, in their first run. */
  readonly tests: readonly NamedTest[]
  /** All commands of the verification, in order, for the receipt; empty if nothing could be verified. */
  readonly commands: readonly RecordedCommand[]
  readonly versions?: RoomVersions | undefined
}

export interface VerifyChangeParts {
  readonly openRoom: OpenRoom
  readonly kept: KeptParts
  readonly names: BaselineNames
  readonly readCoverage: ReadCoverage
  readonly atOnce: RoomsAtOnce
  /** Called when the verification must wait for a sandbox. */
  readonly onWait: (message: string) => void
  readonly onError: (error: unknown) => void
}

/** How long one verification may take. */
export interface VerifyLimits {
  /** Aborts with the run, and when the agent has changed the files again. */
  readonly signal: AbortSignal
  /** Milliseconds that are left. */
  readonly leftMs: () => number
}

/**
 * Verifies a change in rooms that no agent entered. A lost room is replaced once. Any other failure becomes a fact of the
 * verification and does not end the run.
 *
 * @throws the signal's reason, or an error that says that the run goes on elsewhere.
 */
export async function verifyChange(
  request: VerifyRequest,
  { signal: outside, leftMs }: VerifyLimits,
  parts: VerifyChangeParts,
): Promise<Verified> {
  const { from, mode, files, project, atBase, elsewhere } = request
  const { openRoom, kept, names, readCoverage, onWait } = parts
  const { readReport } = names
  const over = new AbortController()
  const signal = AbortSignal.any([outside, over.signal])
  const withoutRoom = await verifyWithoutRoom(request)
  if (withoutRoom) return { verification: withoutRoom, ...NOTHING_RAN }
  const key = changeKey(from.base.sha, files)
  const reached = pathsOf(files)
  const underWay: (Promise<unknown> | undefined)[] = []

  function inRoomWith<T>(
    name: RoomFacts['name'],
    some: readonly VerifiedFile[],
    work: (room: Room) => Promise<T>,
    onSandbox?: () => void,
  ): Promise<T> {
    return inRoom(openRoom, { name, from, files: some, reached, signal, leftMs, onWait, onSandbox }, work)
  }

  /** Runs, at the base commit, checks that have no result from before the agent. */
  async function checkRest(commands: readonly string[]): Promise<BasePart | undefined> {
    const rest = commands.filter((command) => !project.baseline.some((result) => result.command === command))
    if (rest.length === 0) return undefined
    return kept.once(key, 'base', () =>
      inRoomWith('base', [], (room) => checkBase(room, { commands: rest, readReport, signal, leftMs })),
    )
  }

  async function proveWith(
    runs: Promise<CheckRuns>,
    { placed, before }: { readonly placed: Promise<unknown>; readonly before: readonly NamedCheck[] },
  ): Promise<ProofPart> {
    const split = splitChange(files)
    const sideBySide = mayBeSideBySide(parts.atOnce, before)
    // The room for the checks gets its sandbox first, since it must never wait for the other room.
    await (sideBySide ? parts.atOnce.areScarce && placed : runs)
    const early = sideBySide && split.source.length > 0 && project.checks.length > 0
    const known = early ? undefined : await proofWithoutRoom(split, await runs)
    if (known) return known
    const { limits } = project
    return kept.once(key, 'regression', () =>
      inRoomWith('regression', split.hasTests ? split.rest : files, async (room) => {
        const common = { split, limits, readReport, signal, leftMs }
        const trying = early ? tryAhead(room, { ...common, before }) : undefined
        const [found, ahead] = await Promise.all([runs, trying])
        const request = { ...common, files, runs: found, ahead }
        return (await proofWithoutRoom(split, found)) ?? (await proveChange(room, request))
      }),
    )
  }

  try {
    const known = await (atBase ? unpackChecks(atBase.checks) : names.of(project.baseline))
    const placed = Promise.withResolvers<unknown>()
    const headPart = kept.once(key, 'head', () =>
      inRoomWith(
        'head',
        files,
        (room) => {
          const request = { project, files, reached, before: known, elsewhere, readReport, signal, leftMs }
          return checkHead(room, { ...request, coverage: wantedCoverage(files, { from, readCoverage }) })
        },
        () => placed.resolve(undefined),
      ),
    )
    void headPart.then(placed.resolve, placed.resolve)
    const onHead = headPart.then(async ({ checks, again, setup: { setupFailed } }): Promise<CheckRuns> => {
      const [first, second] = [await unpackChecks(checks), await unpackChecks(again)]
      return { before: known, first, again: second, setupFailed }
    })
    const basePart = headPart
      .then((head) => checkRest(head.checks.map(({ result }) => result.command)))
      .catch((error: unknown) => {
        if (mustEnd(error, outside)) throw error
        whyNot(error, parts)
        return undefined
      })
    const proving =
      mode === 'full'
        ? proveWith(onHead, { placed: placed.promise, before: known }).catch((error: unknown): ProofPart => {
            if (mustEnd(error, outside)) throw error
            return { regression: noRegression('skipped', partOfSentence(whyNot(error, parts))) }
          })
        : undefined
    underWay.push(headPart, basePart, proving)
    const [head, base, found, proof] = await Promise.all([headPart, basePart, onHead, proving])
    const runs = { ...found, before: [...known, ...(await unpackChecks(base?.checks ?? []))] }
    const verification = await describeVerification({ from, mode, bases: [atBase, base], head, runs, proof })
    return {
      verification,
      after: settledResults(runs.first, runs.again),
      before: runs.before.map(({ result }) => result),
      ignored: head.ignored,
      withoutEdits: editsLeftOut(head),
      tests: runs.first.flatMap(({ tests }) => tests ?? []),
      commands: [
        ...(atBase ? [] : await recordBaseline(known, { names, project })),
        ...[atBase, base, head, proof].flatMap((part) => part?.commands ?? []),
      ],
      versions: head.versions,
    }
  } catch (error) {
    over.abort(error)
    await Promise.allSettled(underWay)
    if (mustEnd(error, outside)) throw outside.aborted ? outside.reason : error
    return declined(request, whyNot(error, parts))
  }
}

/** @param reason a sentence for people. */
export function declined(request: Pick<VerifyRequest, 'from' | 'mode'>, reason: string): Verified {
  return { verification: notVerified(request, reason), ...NOTHING_RAN }
}

const NOTHING_RAN = { after: [], before: [], ignored: [], withoutEdits: [], tests: [], commands: [] } as const

function editsLeftOut({ asBefore }: HeadPart): readonly string[] {
  return asBefore === undefined || asBefore.reason !== undefined || asBefore.checks.length === 0
    ? []
    : asBefore.files
}

/** The coverage to measure; undefined if no source is changed, or if not every file of the tree is known. */
function wantedCoverage(
  files: readonly VerifiedFile[],
  { from: { baseTree }, readCoverage }: Pick<VerifyRequest, 'from'> & Pick<VerifyChangeParts, 'readCoverage'>,
): Omit<WantedCoverage, 'earlier'> | undefined {
  const changed = changedLinesOf(files)
  if (changed.length === 0 || baseTree.truncated) return undefined
  const tree = new Set(changeListing(baseTree, files).entries.map(({ path }) => path))
  return { changed, tree, readCoverage }
}

function mustEnd(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || error instanceof WriteRefused || goesOnElsewhere(error)
}

function whyNot(error: unknown, { onError }: Pick<VerifyChangeParts, 'onError'>): string {
  if (isLost(error)) return 'The clean sandbox was lost twice. Ask again.'
  const known = knownError(error)
  if (known) return known.userMessage
  if (error instanceof SandboxError) return error.message
  onError(error)
  return 'Something failed unexpectedly. Ask again.'
}

/** `The clean sandbox was lost.` → `the clean sandbox was lost` */
function partOfSentence(sentence: string): string {
  return `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`
}
