import type { Project } from '../../checks/project.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { type PackedCheck, packChecks } from '../../verify/pack-checks.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { asBefore, onChange } from '../../verify/source-hunks.ts'
import { steersChecks } from '../../verify/steers-checks.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { RunInRoom } from './check-runner.ts'
import type { Room } from './open-room.ts'
import { putFiles } from './put-files.ts'
import { restoreFiles } from './restore-files.ts'
import { durationOf } from './spare-time.ts'

/** Results of the checks on a change without its edits to how they run. Stored as JSON. */
export interface AsBeforePart {
  /** Paths of these edits. */
  readonly files: readonly string[]
  readonly checks: readonly PackedCheck[]
  /** A second run of the checks that failed. */
  readonly again: readonly PackedCheck[]
  /** Why the checks did not run without the edits, as the rest of a sentence. */
  readonly reason?: string | undefined
}

interface AsBeforeRequest {
  readonly files: readonly VerifiedFile[]
  /** The tree with the change. */
  readonly project: Project
  /** Results of the checks before the change. */
  readonly before: readonly NamedCheck[]
  readonly onChange: readonly NamedCheck[]
  readonly run: RunInRoom
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

/**
 * If a change edits files that decide how its checks run, runs the checks on it once more without these edits. A change
 * must not be the only one to decide how it is checked.
 *
 * @returns undefined if the change has no such edits, or if no check that could hide something has an earlier result.
 */
export async function checkAsBefore(
  room: Room,
  { files, project, before, onChange: now, run, signal, leftMs }: AsBeforeRequest,
): Promise<AsBeforePart | undefined> {
  const earlier = now.flatMap(({ result }) => {
    const found = before.find((one) => one.result.command === result.command)
    return found !== undefined && mayHide(found, result) ? [found] : []
  })
  const commands = earlier.map(({ result }) => result.command)
  const edited = commands.length === 0 ? [] : await steersChecks(files, { commands, project })
  if (edited.length === 0) return undefined
  const all = edited.map(({ file }) => file)
  const states = all.map(asBefore)
  if (states.includes(undefined)) return notRun(all, 'the files are too large')
  // The other half of the time is for the proof by tests.
  if (2 * durationOf(earlier) > leftMs() / 2) return notRun(all, 'it would take too long')
  const on = { files: 'without_configuration' } as const
  await restoreFiles(room, signal)
  await putFiles(
    room,
    states.flatMap((state) => state ?? []),
    { on, signal },
  )
  const runAll = async (some: readonly string[]) => {
    const checks = await run(some, { ...on, purpose: 'check' })
    // A check that does not even build without the edit shows nothing.
    const [lost, told] = partition(checks, (one) => mayNotBuild && isLost(one, earlier))
    const failed = told.filter(({ result }) => checkEnding(result) === 'failed')
    const again = await run(commandsOf(failed), { ...on, purpose: 'check', again: true })
    return { lost, told, again }
  }
  const mayNotBuild = edited.some(({ builds }) => builds)
  const first = await runAll(commands)
  const others = edited.flatMap(({ file, builds }) => (builds ? [] : [file]))
  const hasOthers = first.lost.length > 0 && others.length > 0
  if (hasOthers) {
    const built = edited.flatMap(({ file, builds }) => (builds ? onChange(file) : []))
    await putFiles(room, built, { on, signal })
  }
  const second = await runAll(hasOthers ? commandsOf(first.lost) : [])
  await putFiles(room, all.flatMap(onChange), { on: { files: 'change' }, signal })
  const back = first.told.length === 0 ? others : all
  return {
    files: back.map(({ path }) => path),
    checks: await packChecks([...first.told, ...second.told]),
    again: await packChecks([...first.again, ...second.again]),
  }
}

function commandsOf(checks: readonly NamedCheck[]): readonly string[] {
  return checks.map(({ result }) => result.command)
}

function partition<T>(all: readonly T[], isOne: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isOne), all.filter((one) => !isOne(one))]
}

/** Whether a check that used to name its tests now fails without naming any. */
function isLost({ result, tests = [] }: NamedCheck, earlier: readonly NamedCheck[]): boolean {
  const before = earlier.find((one) => one.result.command === result.command)
  const hasNames = (before?.tests ?? []).length > 0
  return hasNames && result.exitCode !== 0 && !tests.some(({ status }) => status !== 'skipped')
}

/** Whether the edits may hide something in a check: it has results, and does not newly fail anyway. */
function mayHide({ result: before }: NamedCheck, after: NamedCheck['result']): boolean {
  const [was, is] = [checkEnding(before), checkEnding(after)]
  return (was === 'passed' || was === 'failed') && (is === 'passed' || (is === 'failed' && was === 'failed'))
}

function notRun(files: readonly VerifiedFile[], reason: string): AsBeforePart {
  return { files: files.map(({ path }) => path), checks: [], again: [], reason }
}
