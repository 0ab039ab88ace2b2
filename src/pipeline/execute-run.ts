import { minutesInAll } from '../checks/command-limits.ts'
import { createCommitTexts } from '../github/commit-texts.ts'
import { readEvents } from '../runs/log/run-log.ts'
import { goesOnElsewhere } from '../runs/queue/run-released.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import { isSettingsRun } from '../runs/settings-request.ts'
import { runTotals } from '../runs/summary/run-totals.ts'
import { pause as pauseByClock } from '../time/pause.ts'
import { createAgentChooser } from './agent/choose-agent.ts'
import { createFollowUps } from './agent/follow-ups.ts'
import { createTaskReader } from './agent/read-task.ts'
import { createRunAgent, keepPartialWork } from './agent/run-agent.ts'
import { createTranscripts } from './agent/transcripts.ts'
import { createReachRepository, openAttempt } from './attempt.ts'
import { createCloner } from './clone/clone-repository.ts'
import { createConventions } from './conventions/read-conventions.ts'
import { createEndRun } from './end-run.ts'
import { createFindStart } from './find-start.ts'
import { openJournal } from './journal.ts'
import { createMask } from './mask.ts'
import { createProposeFile } from './propose/propose-file.ts'
import { createProve } from './prove/prove-pull-request.ts'
import { commitMessage } from './publish/commit.ts'
import { createDeliver } from './publish/delivery.ts'
import { createDoOnce } from './publish/do-once.ts'
import { createIssueReceipt } from './publish/issue-receipt.ts'
import { createPublishPlans } from './publish/publish-plan.ts'
import { createPublisher } from './publish/publisher.ts'
import { createPullRequests } from './publish/pull-request.ts'
import { createStoreLargeFiles } from './publish/store-large-files.ts'
import { createWritePlan } from './publish/write-plan.ts'
import { createReadySandbox } from './ready-sandbox.ts'
import { createReviewOf } from './review-of-run.ts'
import { type RunReport, reportEarlierPullRequest, reportFailure } from './run-report.ts'
import type { RunServices } from './run-services.ts'
import { createAttemptSandboxes } from './sandbox/attempt-sandboxes.ts'
import { createLiveView, showIn } from './sandbox/live-view.ts'
import { createOwnerDefaults } from './setup/owner-defaults.ts'
import { createReceiptDrafts } from './verify/draft-receipts.ts'
import { openRoomsOf } from './verify/rooms-of-run.ts'
import {
  earlierAnswer,
  publishCheckpoint,
  replaceLostSandbox,
  type SandboxSteps,
  workInSandbox,
} from './work-in-sandbox.ts'

const HOUR_MS = 60 * 60_000
const NOT_VERIFIED = { mode: 'off', minutes: 0 } as const

/**
 * Carries runs out: each ends with a pull request, an answer, or an honest failure. The one `catch` below guarantees
 * exactly one ending, and `await using` guarantees that no sandbox is left behind.
 */
export function createExecuteRun(services: RunServices): Execute {
  const { store, log, audit, effects, spawner, egressHosts, webUrl } = services
  const { limits, commandMinutes, verify = NOT_VERIFIED } = services
  const { pauseHours = 0, now = () => new Date(), pause = pauseByClock } = services
  const { hostEnvironment, compareInThread } = services
  const { egress = { hosts: egressHosts, ecosystems: false, repositories: [] }, templates = [] } =
    services.repositoryRules ?? {}
  const readOwnerDefaults = createOwnerDefaults(now)

  return async (claim) => {
    const { run } = claim
    const runUrl = services.runUrl(run.id)
    const texts = createCommitTexts()
    const perRun = { commands: commandMinutes, run: limits.minutes }
    const rules = { egress, templates, minutes: perRun, readOwnerDefaults, texts }
    const onError = (error: unknown) => services.onError(error, { runId: run.id })
    const verifies = verify.mode !== 'off' || run.request.options.prove === true
    const verifyMinutes = verifies ? verify.minutes : 0
    const minutes = minutesInAll(commandMinutes, limits.minutes, verifyMinutes)
    using attempt = openAttempt(claim, { store, audit, minutes, verifyMinutes, now })
    const { signal } = attempt
    const mask = createMask(services.secrets)
    const provider = showIn(createLiveView(log.output, run.id, mask.text), services.sandboxes)
    const journal = openJournal({ log, attempt, mask: mask.event, now })
    const { step, emit } = journal
    const { reachesGitHub } = provider
    const { lfsBytes } = services.files ?? {}
    await using cloner = createCloner({ webUrl, reachesGitHub, spawner, hostEnvironment, lfsBytes })
    await using sandboxes = createAttemptSandboxes(provider, {
      attempt,
      journal,
      hideHome: mask.hideHome,
      pause,
      operator: egress,
    })

    await using rooms = openRoomsOf(provider, {
      attempt,
      journal,
      effects,
      hideHome: mask.hideHome,
      giveBack: sandboxes.giveBack,
      onError,
      cloner,
      setupCache: services.setupCache,
      rules,
      readReport: services.readReport,
      readCoverage: services.readCoverage,
    })

    const totals = async () =>
      runTotals(await journal.events(), {
        endedAt: now(),
        langsmithEnabled: services.tracing?.isTraced(run.id) ?? false,
      })
    const reachRepository = createReachRepository(services, attempt, mask.hide)
    const plans = createPublishPlans(effects, attempt)
    const once = createDoOnce({ effects, attempt, pause })
    const conventions = createConventions({
      run,
      branchPrefix: services.branchPrefix,
      messageOf: (title) => commitMessage({ run, title, webUrl }),
      texts,
      readOwnerDefaults,
      onError,
    })
    const pullRequests = createPullRequests({ attempt, once, runUrl })
    const redact = mask.text
    const draftReceiptOf = createReceiptDrafts({ run, webUrl, sandboxKind: provider.kind, redact })
    const issueReceipt = createIssueReceipt({ receipts: services.receipts, attempt, runUrl })
    const publisher = createPublisher({
      run,
      record: attempt.record,
      reachRepository,
      plans,
      writePlan: createWritePlan({
        run,
        plans,
        totals,
        events: journal.events,
        redact,
        draftReceiptOf,
        links: { runUrl, webUrl, linkHosts: services.linkHosts },
        hasOpened: services.hasOpened,
        conventions,
      }),
      storeLargeFiles: createStoreLargeFiles({ reachRepository, webUrl, signal }),
      deliver: createDeliver({ attempt, step, plans, effects: { once, pause }, pullRequests, issueReceipt }),
    })
    const chooseAgent = createAgentChooser(services, { attempt, journal })
    const runAgent = createRunAgent({
      ...{ attempt, emit, cloner },
      hide: mask.hide,
      readTask: createTaskReader({ attempt, journal, webUrl, limits, conventions, texts, onError }),
      transcripts: createTranscripts(store, attempt),
      redact,
    })
    const steps: SandboxSteps = {
      readySandbox: createReadySandbox({
        store,
        eventsOf: (runId) => readEvents(log, runId),
        attempt,
        journal,
        sandboxes,
        cloner,
        setupCache: isSettingsRun(run.request) ? undefined : services.setupCache,
        rules,
        names: verify.mode === 'off' && !isSettingsRun(run.request) ? undefined : rooms.names,
      }),
      reviewOf: createReviewOf({
        services,
        attempt,
        journal,
        secrets: mask.secrets,
        rooms,
        texts,
        conventions,
      }),
      async runAgent(access, ready, { verify, hasChanged }) {
        const chosen = await chooseAgent(ready.repo)
        const work = async () => {
          const followUps = createFollowUps(services.followUps, { runId: run.id, access })
          const value = await runAgent({ chosen, access, ready, verify, hasChanged, followUps }).catch(
            (error: unknown) => keepPartialWork(error, { attempt, totals, onError }),
          )
          // An agent that stopped early failed, although its work may still be published as a draft.
          const status = value.outcome.kind === 'partial' ? 'failed' : 'ok'
          return { value, message: value.summary, status } as const
        }
        return step('agent', 'Working on the task', work, chosen.agent.name)
      },
      publish: publisher.publish,
    }
    const reportEnd = createEndRun({ run, journal, totals, reporter: services.reporter, redact, onError })

    async function endRun(report: RunReport): Promise<void> {
      const texts = mask.masked()
      if (texts > 0) await attempt.record({ kind: 'text.masked', facts: { texts } })
      const waits = report.outcome === 'question' || report.outcome === 'plan'
      if (waits && pauseHours > 0)
        await sandboxes.pauseUntil(new Date(now().getTime() + pauseHours * HOUR_MS))
      await reportEnd(report)
    }

    const reporting = { pullRequests, draftReceiptOf, issueReceipt, redact }
    const prove = createProve({ attempt, journal, rooms, reporting, compareInThread })
    const publishing = { publisher, plans, names: rooms.names, links: { webUrl, runUrl }, redact }
    const findStart = createFindStart({ attempt, resume: publisher.resume, conventions })
    const proposeFile = createProposeFile({
      attempt,
      journal,
      readySandbox: steps.readySandbox,
      findStart,
      conventions,
      publishing,
    })

    async function toItsEnd(): Promise<RunReport> {
      const access = await reachRepository()
      if (run.request.options.prove) return prove(access)
      if (isSettingsRun(run.request)) return proposeFile(access)
      const done =
        (await reportEarlierPullRequest(access, run)) ?? earlierAnswer(await store.loadCheckpoint(run.id))
      if (done) return done

      const { request } = run
      const { parentRunId } = request
      const parent = parentRunId === undefined ? undefined : await store.get(parentRunId)
      const goesOnMerging =
        parent?.ending?.outcome === 'question' && parent.progress.mergeHeadSha !== undefined
      const { start, report } = await findStart(access, { request, goesOnMerging })
      if (report) return report
      return replaceLostSandbox(() => workInSandbox(start, steps), {
        signal,
        journal,
        loadCheckpoint: () => store.loadCheckpoint(run.id),
        publishCheckpoint: () => publishCheckpoint(start, steps, totals),
        describeInThread: services.describeInThread,
      })
    }

    try {
      await endRun(await toItsEnd())
    } catch (thrown) {
      const error: unknown = signal.aborted ? signal.reason : thrown
      if (goesOnElsewhere(error)) {
        sandboxes.handOver()
        throw error
      }
      const report = reportFailure(error, run.id)
      if (report.code === 'internal') onError(error)
      await endRun(report)
    }
  }
}
