import { affectedProjects, partsNotRun } from '../../checks/plans/affected-projects.ts'
import type { ProjectPlan, UncheckedPart } from '../../checks/plans/plan.ts'
import type { Project } from '../../checks/project.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import type { RecordedCommand } from '../../receipts/recorded-command.ts'
import type { Coverage, RoomFacts } from '../../runs/verification.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { checkDifferences } from '../../verify/differences.ts'
import { judgeCheck } from '../../verify/judge-check.ts'
import { coverageFacts } from '../../verify/line-coverage/coverage-facts.ts'
import type { WantedCoverage } from '../../verify/line-coverage/wanted-coverage.ts'
import { type PackedCheck, packChecks } from '../../verify/pack-checks.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import { settingsSentences } from '../../verify/with-base-settings.ts'
import type { ProjectFacts, SetupFacts } from '../setup/set-up-project.ts'
import { type AsBeforePart, checkAsBefore } from './check-as-before.ts'
import { runChecksIn } from './check-runner.ts'
import { ignoredPaths } from './ignored-paths.ts'
import type { Room, RoomVersions } from './open-room.ts'
import { restoreFiles } from './restore-files.ts'

/** The results of the room with the change. Stored as JSON, so that no later attempt repeats the work. */
export interface HeadPart {
  readonly tree: string
  readonly setup: SetupFacts
  readonly checks: readonly PackedCheck[]
  /** A second run, on the same files, of the doubtful checks. */
  readonly again: readonly PackedCheck[]
  readonly room: RoomFacts
  /** Folders of the projects to which the checks belong, by command; the root is left out. */
  readonly folders: Readonly<Record<string, string>>
  /** Changed parts that no check covers, or whose checks have no result. */
  readonly notChecked: readonly UncheckedPart[]
  /** Paths that git ignores in the room; read only if a check ends differently than in the agent's workspace. */
  readonly ignored: readonly string[]
  /** Absent, like `versions`, if an older version of Backspace stored the part. */
  readonly commands?: readonly RecordedCommand[] | undefined
  readonly versions?: RoomVersions | undefined
  /** Absent if coverage was not wanted, or if an older version stored the part. */
  readonly coverage?: Coverage | undefined
  /** Sentences on settings that the change edits. Absent if an older version stored the part. */
  readonly settings?: readonly string[] | undefined
  /** Absent if the change does not edit how its checks run, or if an older version stored the part. */
  readonly asBefore?: AsBeforePart | undefined
}

interface CheckHeadRequest {
  readonly project: Pick<ProjectFacts, 'checks' | 'limits' | 'repository'>
  readonly files: readonly VerifiedFile[]
  /** Paths of the change. */
  readonly reached: readonly string[]
  /** Results of the checks before the change. */
  readonly before: readonly NamedCheck[]
  /** Results of the checks on the same files in the agent's workspace. */
  readonly elsewhere: readonly CheckResult[]
  /** Undefined if coverage cannot be measured. */
  readonly coverage: Omit<WantedCoverage, 'earlier'> | undefined
  readonly readReport: ReadReport
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

/** Milliseconds; a check that takes longer does not run a second time. */
const MOST_AGAIN_MS = 2 * 60_000

/**
 * Runs the checks of the base commit on the change, so that no change can switch one off, and also those that only the
 * change has. A check that is worse than before, or ends differently than in the agent's workspace, runs once more.
 */
export async function checkHead(room: Room, request: CheckHeadRequest): Promise<HeadPart> {
  const { project, files, reached, before, elsewhere, coverage, readReport, signal, leftMs } = request
  const { checks, limits } = project
  const plans = [project.repository, room.project.repository].filter((plan) => plan !== undefined)
  const projects = plans.flatMap((plan) => affectedProjects(plan, reached).projects)
  const planned = projects.flatMap((one) => one.checks)
  const beforeOf = (command: string) => before.find(({ result }) => result.command === command)
  const run = runChecksIn(room, { limits, earlierOf: beforeOf, readReport, signal, leftMs })
  async function isDoubtful(after: NamedCheck): Promise<boolean> {
    const { result } = after
    const { command } = result
    const now = checkEnding(result)
    if ((now !== 'passed' && now !== 'failed') || result.durationMs > Math.min(MOST_AGAIN_MS, leftMs()))
      return false
    const { verdict } = await judgeCheck({ command, folder: '', before: beforeOf(command), after })
    return verdict === 'newly_failing' || checkDifferences(elsewhere, [result]).length > 0
  }
  const commands = new Set([...checks, ...planned.map(({ command }) => command), ...room.project.checks])
  const on = { purpose: 'check', files: 'change' } as const
  const first = await run([...commands], on, coverage && { ...coverage, earlier: beforeOf })
  const doubtful: string[] = []
  for (const check of first) if (await isDoubtful(check)) doubtful.push(check.result.command)
  if (doubtful.length > 0) await restoreFiles(room, signal)
  const again = await run(doubtful, { ...on, again: true })
  const asBefore = await checkAsBefore(room, {
    files,
    project: room.files,
    before,
    onChange: first,
    run,
    signal,
    leftMs,
  })
  const results = settledResults(first, again)
  const differs = checkDifferences(elsewhere, results).length > 0
  const { setup, setupFailed } = room.project
  return {
    tree: room.tree,
    setup: { setup, setupFailed },
    checks: await packChecks(first),
    again: await packChecks(again),
    folders: Object.fromEntries(
      planned.flatMap(({ command, folder }) => (folder === '' ? [] : [[command, folder]])),
    ),
    notChecked: [
      ...(room.project.notChecked ?? []),
      ...withoutManifest(projects, room.files),
      ...partsNotRun(projects, results),
    ],
    ignored: differs ? await ignoredPaths(room.workspace, signal) : [],
    room: room.facts(),
    commands: room.commands.all(),
    versions: room.versions,
    coverage:
      coverage &&
      coverageFacts(
        coverage.changed,
        first.flatMap((check) => check.coverage ?? []),
      ),
    asBefore,
    settings: settingsSentences(files),
  }
}

/** Projects whose manifest the change removes. Their checks do not count, since npm would run those of a folder above. */
function withoutManifest(projects: readonly ProjectPlan[], { files }: Project): readonly UncheckedPart[] {
  return projects.flatMap(({ folder, source }) =>
    source === '' || files.has(source) ? [] : [{ path: folder, reason: `the change removes ${source}` }],
  )
}

type WithResult = Pick<NamedCheck, 'result'>

/** One result per check. A check that failed and passed on the same files is flaky, in whatever order. */
export function settledResults(
  first: readonly WithResult[],
  again: readonly WithResult[],
): readonly CheckResult[] {
  return first.map(({ result }) => {
    const second = again.find((check) => check.result.command === result.command)?.result
    if (second === undefined || (result.exitCode === 0) === (second.exitCode === 0)) return result
    const [failed, passed] = result.exitCode === 0 ? [second, result] : [result, second]
    return { ...passed, failedFirst: failed.exitCode }
  })
}
