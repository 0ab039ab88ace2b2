import { readEvents } from '../runs/log/run-log.ts'
import { isSettingsRun } from '../runs/settings-request.ts'
import { createAgentChooser } from './agent/choose-agent.ts'
import { createFollowUps } from './agent/follow-ups.ts'
import { createTaskReader } from './agent/read-task.ts'
import { createRunAgent, keepPartialWork } from './agent/run-agent.ts'
import { createTranscripts } from './agent/transcripts.ts'
import type { PartsOfRun } from './parts-of-run.ts'
import type { Publisher } from './publish/publisher.ts'
import { createReadySandbox } from './ready-sandbox.ts'
import { createReviewOf } from './review-of-run.ts'
import type { RunServices } from './run-services.ts'
import type { SandboxSteps } from './work-in-sandbox.ts'

/** The steps of one run that need a sandbox. */
export function createStepsOfRun(
  services: RunServices,
  parts: PartsOfRun,
  { publish }: Pick<Publisher, 'publish'>,
): SandboxSteps {
  const { store, log, limits, webUrl } = services
  const { attempt, journal, mask, cloner, sandboxes, rooms, rules, conventions, totals, onError } = parts
  const { run } = attempt
  const { texts } = rules
  const isForSettings = isSettingsRun(run.request)
  const isVerified = services.verify !== undefined && services.verify.mode !== 'off'
  const chooseAgent = createAgentChooser(services, { attempt, journal })
  const runAgent = createRunAgent({
    attempt,
    emit: journal.emit,
    cloner,
    hide: mask.hide,
    readTask: createTaskReader({ attempt, journal, webUrl, limits, conventions, texts, onError }),
    transcripts: createTranscripts(store, attempt),
    redact: mask.text,
  })
  return {
    readySandbox: createReadySandbox({
      store,
      eventsOf: (runId) => readEvents(log, runId),
      attempt,
      journal,
      sandboxes,
      cloner,
      setupCache: isForSettings ? undefined : services.setupCache,
      rules,
      names: isVerified || isForSettings ? rooms.names : undefined,
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
      return journal.step('agent', 'Working on the task', work, chosen.agent.name)
    },
    publish,
  }
}
