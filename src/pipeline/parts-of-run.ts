import { minutesInAll } from '../checks/command-limits.ts'
import { createCommitTexts } from '../github/commit-texts.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import type { RunTotals } from '../runs/run-event.ts'
import { runTotals } from '../runs/summary/run-totals.ts'
import type { SandboxKind } from '../sandbox/sandbox.ts'
import { type Pause, pause as pauseByClock } from '../time/pause.ts'
import { type Attempt, createReachRepository, openAttempt, type ReachRepository } from './attempt.ts'
import { type Cloner, createCloner } from './clone/clone-repository.ts'
import { createConventions, type KeptConventions } from './conventions/read-conventions.ts'
import { type Journal, openJournal } from './journal.ts'
import { createMask, type Mask } from './mask.ts'
import { commitMessage } from './publish/commit.ts'
import type { RunServices } from './run-services.ts'
import { type AttemptSandboxes, createAttemptSandboxes } from './sandbox/attempt-sandboxes.ts'
import { createLiveView, showIn } from './sandbox/live-view.ts'
import type { ReadOwnerDefaults } from './setup/owner-defaults.ts'
import type { RepositoryRules } from './setup/repository-rules.ts'
import { openRoomsOf, type RoomsOfRun } from './verify/rooms-of-run.ts'

/** What one attempt at a run works with. Disposing of it ends its sandboxes and verifications, and clears its timer. */
export interface PartsOfRun extends AsyncDisposable {
  readonly attempt: Attempt
  /** The page of the run; undefined when only this machine could open it. */
  readonly runUrl: string | undefined
  readonly mask: Mask
  readonly journal: Journal
  readonly reachRepository: ReachRepository
  readonly sandboxKind: SandboxKind
  readonly cloner: Cloner
  /** The agent's sandbox, and the one that replaces it. */
  readonly sandboxes: AttemptSandboxes
  /** The clean sandboxes, in which changes are verified. */
  readonly rooms: RoomsOfRun
  readonly rules: RepositoryRules
  readonly conventions: KeptConventions
  /** What the run has used in all of its attempts. */
  readonly totals: () => Promise<RunTotals>
  readonly now: () => Date
  readonly pause: Pause
  /** Called with every unexpected failure. */
  readonly onError: (error: unknown) => void
}

const NOT_VERIFIED = { mode: 'off', minutes: 0 } as const

/** @param readOwnerDefaults what all runs share, so that one that reads it serves the others. */
export async function openPartsOfRun(
  services: RunServices,
  claim: Parameters<Execute>[0],
  readOwnerDefaults: ReadOwnerDefaults,
): Promise<PartsOfRun> {
  const { store, log, audit, effects, spawner, hostEnvironment, webUrl, limits, commandMinutes } = services
  const { verify = NOT_VERIFIED, now = () => new Date(), pause = pauseByClock } = services
  const { egressHosts, repositoryRules } = services
  const { egress = { hosts: egressHosts, ecosystems: false, repositories: [] }, templates = [] } =
    repositoryRules ?? {}
  const { run } = claim
  const onError = (error: unknown) => services.onError(error, { runId: run.id })
  const texts = createCommitTexts()
  const minutes = { commands: commandMinutes, run: limits.minutes }
  const rules = { egress, templates, minutes, readOwnerDefaults, texts }
  const verifies = verify.mode !== 'off' || run.request.options.prove === true
  const verifyMinutes = verifies ? verify.minutes : 0

  await using opened = new AsyncDisposableStack()
  const attempt = opened.use(
    openAttempt(claim, {
      store,
      audit,
      minutes: minutesInAll(commandMinutes, limits.minutes, verifyMinutes),
      verifyMinutes,
      now,
    }),
  )
  const mask = createMask(services.secrets)
  const { hideHome } = mask
  const journal = openJournal({ log, attempt, mask: mask.event, now })
  const provider = showIn(createLiveView(log.output, run.id, mask.text), services.sandboxes)
  const { reachesGitHub } = provider
  const { lfsBytes } = services.files ?? {}
  const cloner = opened.use(createCloner({ webUrl, reachesGitHub, spawner, hostEnvironment, lfsBytes }))
  const sandboxes = opened.use(
    createAttemptSandboxes(provider, { attempt, journal, hideHome, pause, operator: egress }),
  )
  const rooms = opened.use(
    openRoomsOf(provider, {
      attempt,
      journal,
      effects,
      hideHome,
      giveBack: sandboxes.giveBack,
      onError,
      cloner,
      setupCache: services.setupCache,
      rules,
      readReport: services.readReport,
      readCoverage: services.readCoverage,
    }),
  )
  const conventions = createConventions({
    run,
    branchPrefix: services.branchPrefix,
    messageOf: (title) => commitMessage({ run, title, webUrl }),
    texts,
    readOwnerDefaults,
    onError,
  })
  const totals = async () =>
    runTotals(await journal.events(), {
      endedAt: now(),
      langsmithEnabled: services.tracing?.isTraced(run.id) ?? false,
    })
  const held = opened.move()
  return {
    attempt,
    runUrl: services.runUrl(run.id),
    mask,
    journal,
    reachRepository: createReachRepository(services, attempt, mask.hide),
    sandboxKind: provider.kind,
    cloner,
    sandboxes,
    rooms,
    rules,
    conventions,
    totals,
    now,
    pause,
    onError,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
