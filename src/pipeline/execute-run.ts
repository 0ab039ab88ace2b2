import { goesOnElsewhere } from '../runs/queue/run-released.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import { isSettingsRun } from '../runs/settings-request.ts'
import { createEndRun, type EndRun } from './end-run.ts'
import { createFindStart } from './find-start.ts'
import { openPartsOfRun, type PartsOfRun } from './parts-of-run.ts'
import { createProposeFile } from './propose/propose-file.ts'
import { createProve } from './prove/prove-pull-request.ts'
import { createPublishingOfRun } from './publishing-of-run.ts'
import { type RunReport, reportEarlierPullRequest, reportFailure } from './run-report.ts'
import type { RunServices } from './run-services.ts'
import { createOwnerDefaults } from './setup/owner-defaults.ts'
import { createStepsOfRun } from './steps-of-run.ts'
import { earlierAnswer, publishCheckpoint, replaceLostSandbox, workInSandbox } from './work-in-sandbox.ts'

const HOUR_MS = 60 * 60_000

/**
 * Carries runs out: each ends with a pull request, an answer, or an honest failure. The one `catch` below guarantees
 * exactly one ending, and `await using` guarantees that no sandbox is left behind.
 */
export function createExecuteRun(services: RunServices): Execute {
  const readOwnerDefaults = createOwnerDefaults(services.now)

  return async (claim) => {
    await using parts = await openPartsOfRun(services, claim, readOwnerDefaults)
    const { attempt, sandboxes, onError } = parts
    const endRun = createEnding(services, parts)
    try {
      await endRun(await workToTheEnd(services, parts))
    } catch (thrown) {
      const error: unknown = attempt.signal.aborted ? attempt.signal.reason : thrown
      if (goesOnElsewhere(error)) {
        sandboxes.handOver()
        throw error
      }
      const report = reportFailure(error, attempt.run.id)
      if (report.code === 'internal') onError(error)
      await endRun(report)
    }
  }
}

/** Does what the run was asked for: proves a pull request, proposes settings, or lets an agent work. */
async function workToTheEnd(services: RunServices, parts: PartsOfRun): Promise<RunReport> {
  const { store, webUrl, compareInThread, describeInThread } = services
  const { attempt, journal, rooms, conventions, runUrl, totals } = parts
  const { run, signal } = attempt
  const { request } = run
  const redact = parts.mask.text
  const { publisher, plans, ...reporting } = createPublishingOfRun(services, parts)

  const access = await parts.reachRepository()
  if (request.options.prove) {
    const prove = createProve({
      attempt,
      journal,
      rooms,
      reporting: { ...reporting, redact },
      compareInThread,
    })
    return prove(access)
  }
  const steps = createStepsOfRun(services, parts, publisher)
  const findStart = createFindStart({ attempt, resume: publisher.resume, conventions })
  if (isSettingsRun(request)) {
    const publishing = { publisher, plans, names: rooms.names, links: { webUrl, runUrl }, redact }
    const { readySandbox } = steps
    const propose = createProposeFile({ attempt, journal, readySandbox, findStart, conventions, publishing })
    return propose(access)
  }
  const done =
    (await reportEarlierPullRequest(access, run)) ?? earlierAnswer(await store.loadCheckpoint(run.id))
  if (done) return done

  const { parentRunId } = request
  const parent = parentRunId === undefined ? undefined : await store.get(parentRunId)
  const goesOnMerging = parent?.ending?.outcome === 'question' && parent.progress.mergeHeadSha !== undefined
  const { start, report } = await findStart(access, { request, goesOnMerging })
  if (report) return report
  return replaceLostSandbox(() => workInSandbox(start, steps), {
    signal,
    journal,
    loadCheckpoint: () => store.loadCheckpoint(run.id),
    publishCheckpoint: () => publishCheckpoint(start, steps, totals),
    describeInThread,
  })
}

/** Ends the run with its report. A sandbox that can be paused waits for the answer to a question or the approval of a plan. */
function createEnding({ reporter, pauseHours = 0 }: RunServices, parts: PartsOfRun): EndRun {
  const { attempt, journal, mask, sandboxes, totals, now, onError } = parts
  const reportEnd = createEndRun({ run: attempt.run, journal, totals, reporter, redact: mask.text, onError })
  return async (report) => {
    const texts = mask.masked()
    if (texts > 0) await attempt.record({ kind: 'text.masked', facts: { texts } })
    const waits = report.outcome === 'question' || report.outcome === 'plan'
    if (waits && pauseHours > 0) await sandboxes.pauseUntil(new Date(now().getTime() + pauseHours * HOUR_MS))
    await reportEnd(report)
  }
}
