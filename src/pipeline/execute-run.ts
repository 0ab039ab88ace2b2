import { goesOnElsewhere } from '../runs/queue/run-released.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import { concludeEarlier, concludeFailure, concludeWithoutChange, type Ending } from './conclude-run.ts'
import { endRun } from './end-run.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { OpenSandbox } from './open-sandbox.ts'
import { reachRepository } from './reach-repository.ts'
import { resumePublish } from './resume-publish.ts'
import { createRunContext, type RunContext } from './run-context.ts'
import { workInSandbox } from './work-in-sandbox.ts'
import { recallWork } from './work-with-agent.ts'
import { resolveBase } from './workspace/resolve-base.ts'

/**
 * Carries runs to their end: a pull request, an answer, or an honest failure. Whatever happens in between, the one
 * `catch` in here sees to it that there is exactly one end, and the `finally` that no sandbox stays behind.
 */
export function createExecuteRun(deps: ExecuteRunDeps): Execute {
  return async (input) => {
    const context = createRunContext(deps, input)
    const boxes: OpenSandbox[] = []
    let handOver = false
    try {
      const ending = await carryOut(deps, context, boxes)
      await endRun(deps, context, ending)
    } catch (thrown) {
      const error: unknown = context.signal.aborted ? context.signal.reason : thrown
      handOver = goesOnElsewhere(error)
      if (handOver) throw error
      await endRun(deps, context, concludeFailure(context, error, deps.onError))
    } finally {
      context.close()
      await Promise.all(boxes.map((box) => box.close({ handOver })))
    }
  }
}

async function carryOut(deps: ExecuteRunDeps, context: RunContext, boxes: OpenSandbox[]): Promise<Ending> {
  const { run } = context
  const access = await reachRepository(deps, run)
  const done = (await concludeEarlier(access, run)) ?? (await concludeAnswer(deps, context))
  if (done) return done

  const base = await resolveBase(access, run.request, run.progress.baseSha)
  await context.saveProgress({ baseSha: base.sha })
  const published = await resumePublish(deps, context, { access, base })
  return published ?? workInSandbox(deps, context, { access, base, boxes })
}

/** An agent that left the repository as it was has said all that there is to tell. */
async function concludeAnswer({ store }: ExecuteRunDeps, { run }: RunContext): Promise<Ending | undefined> {
  const checkpoint = await store.loadCheckpoint(run.id)
  const work = recallWork(checkpoint?.work ?? null)
  return work && !work.mayHaveChanged ? concludeWithoutChange(work.outcome) : undefined
}
