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
import { createRoomCommands } from './room-commands.ts'
import { mayBeSideBySide, type RoomsAtOnce } from './rooms-at-once.ts'
import { pathsOf, verifyWithoutRoom } from './verify-without-room.ts'

/** What is to be verified. */
export interface VerifyRequest {
  readonly from: VerifiedBase
  readonly mode: Verification['mode']
  /** Exactly what would be published. */
  readonly files: readonly VerifiedFile[]
  /** As it was before the agent entered: what decides the checks, and what they said then. */
  readonly project: Pick<ProjectFacts, 'checks' | 'limits' | 'baseline' | 'repository'>
  /** What the checks said in a room of the base commit; undefined if they said it in the agent's sandbox, before it entered. */
  readonly atBase?: BasePart | undefined
  /** What the agent's workspace said about the same files: a check that ends otherwise here runs once more. */
  readonly elsewhere: readonly CheckResult[]
}

/** What a verification came to. */
export interface Verified {
  readonly verification: Verification
  /** Of the clean sandbox, in the order of the commands; empty if nothing could be verified. */
  readonly after: readonly CheckResult[]
  /** What these said before the change. */
  readonly before: readonly CheckResult[]
  /** Paths that git ignores in the clean sandbox, if a check ends otherwise than in the agent's workspace. */
  readonly ignored: readonly string[]
  /** Paths of edits of how checks run without which the checks ran on the change as well. */
  readonly withoutEdits: readonly string[]
  /** Everything that was run for it, in order, for the receipt; empty if nothing could be verified. */
  readonly commands: readonly RecordedCommand[]
  readonly versions?: RoomVersions | undefined
}

export interface VerifyChangeParts {
  readonly openRoom: OpenRoom
  readonly kept: KeptParts
  readonly names: BaselineNames
  readonly readCoverage: ReadCoverage
  readonly atOnce: RoomsAtOnce
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

  /** Checks that have no result from before the agent. */
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
    // The room of the checks gets its sandbox first: it must never wait for the other one.
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

const NOTHING_RAN = { after: [], before: [], ignored: [], withoutEdits: [], commands: [] } as const

function editsLeftOut({ asBefore }: HeadPart): readonly string[] {
  return asBefore === undefined || asBefore.reason !== undefined || asBefore.checks.length === 0
    ? []
    : asBefore.files
}

/** Undefined if no source is changed, or not every file of the tree is known. */
function wantedCoverage(
  files: readonly VerifiedFile[],
  { from: { baseTree }, readCoverage }: Pick<VerifyRequest, 'from'> & Pick<VerifyChangeParts, 'readCoverage'>,
): Omit<WantedCoverage, 'earlier'> | undefined {
  const changed = changedLinesOf(files)
  if (changed.length === 0 || baseTree.truncated) return undefined
  const tree = new Set(changeListing(baseTree, files).entries.map(({ path }) => path))
  return { changed, tree, readCoverage }
}

/** What ran before the agent entered, in its sandbox. */
async function recordBaseline(
  checks: readonly NamedCheck[],
  { names, project }: { readonly names: BaselineNames; readonly project: VerifyRequest['project'] },
): Promise<readonly RecordedCommand[]> {
  const { record, all } = createRoomCommands('baseline', project.repository)
  await record({ purpose: 'setup', files: 'base' }, await names.setup())
  await record({ purpose: 'check', files: 'base' }, checks)
  return all()
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
  return 'Something unforeseen failed. Ask again.'
}

/** `The clean sandbox was lost.` → `the clean sandbox was lost` */
function partOfSentence(sentence: string): string {
  return `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`
}
