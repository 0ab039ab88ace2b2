import { getTree } from '../github/get-tree.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import { goesOnElsewhere } from '../runs/queue/run-released.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import type { RunEventBody } from '../runs/run-event.ts'
import type { CollectedChanges } from './changes/collect-changes.ts'
import { createChangeWatch } from './changes/watch-changes.ts'
import { concludeEarlier, concludeFailure, concludeWithoutChange, type Ending } from './conclude-run.ts'
import { endRun } from './end-run.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { OpenSandbox } from './open-sandbox.ts'
import { prepareProject } from './prepare-project.ts'
import { publishRun } from './publish-run.ts'
import { readEvents } from './read-events.ts'
import { createRunContext, type RunContext } from './run-context.ts'
import { setUpSandbox } from './set-up-sandbox.ts'
import { workWithAgent } from './work-with-agent.ts'
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
  const access = await reachRepository(deps, context)
  const done = await concludeEarlier(access, run)
  if (done) return done

  const base = await resolveBase(access, run.request, run.progress.baseSha)
  await context.saveProgress({ baseSha: base.sha })
  const events = await readEvents(deps.log, run.id)
  const { sandbox, workspace, earlier } = await setUpSandbox(deps, context, { access, base, events, boxes })
  const project = earlier ?? (await prepareProject(context, sandbox, workspace))
  const baseTree = await getTree(access.octokit, { repository: access.repository, tree: base.tree })
  const watch = createChangeWatch(context, { sandbox, workspace, project, baseTree })

  const work = await context.step('agent', 'Working on the task', async () => {
    const resumed = earlier !== undefined
    const value = await workWithAgent(deps, { context, access, sandbox, workspace, project, watch, resumed })
    return { value, message: value.summary }
  })
  if (!work.mayHaveChanged) return concludeWithoutChange(work.outcome)

  const changes = await context.step('collect', 'Reading what was changed', async () => {
    const value = await watch.collect()
    if (value.files.length > 0) context.emit(changesEvent(value))
    const count = value.files.length === 1 ? '1 file' : `${value.files.length} files`
    return value.files.length === 0
      ? { value, message: 'No file was changed', status: 'skipped' }
      : { value, message: `${count} changed` }
  })
  for (const notice of changes.notices) context.notice('warning', notice)
  if (changes.files.length === 0) return concludeWithoutChange(work.outcome)
  return publishRun(deps, context, { access, base, project, watch, changes, work })
}

function changesEvent({ files, diff }: CollectedChanges): RunEventBody {
  return {
    type: 'changes.collected',
    files: files.map(({ path, status, additions, deletions }) => ({ path, status, additions, deletions })),
    diff,
  }
}

async function reachRepository(deps: ExecuteRunDeps, { run }: RunContext): Promise<RepositoryAccess> {
  const { repository, installationId } = run.request
  return deps.github.repository({
    ...repository,
    ...(installationId === undefined ? {} : { installationId }),
  })
}
