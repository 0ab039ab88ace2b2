import type { RepositoryAccess } from '../github/octokit.ts'
import { durationText } from '../runs/amount-text.ts'
import type { RunEvent } from '../runs/run-event.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { type OpenSandbox, openSandbox } from './open-sandbox.ts'
import { type PreparedProject, recallProject } from './prepare-project.ts'
import type { RunContext } from './run-context.ts'
import { chooseTransport, firstEgress, prepareWorkspace } from './workspace/prepare-workspace.ts'
import { type Base, type Workspace, workspacePaths } from './workspace/workspace.ts'

export interface ReadySandbox {
  readonly sandbox: Sandbox
  readonly workspace: Workspace
  /** What an earlier attempt found out, when its sandbox with everything in it is still there. */
  readonly earlier: PreparedProject | undefined
}

export interface SetUpRequest {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Of earlier attempts. */
  readonly events: readonly RunEvent[]
  /** Takes every sandbox that was opened, so that it is closed whatever happens next. */
  readonly boxes: OpenSandbox[]
}

/** A sandbox with the base commit in it: that of an earlier attempt if it got as far as the agent, else a new one. */
export async function setUpSandbox(
  deps: ExecuteRunDeps,
  context: RunContext,
  { access, base, events, boxes }: SetUpRequest,
): Promise<ReadySandbox> {
  const { sandboxes, webUrl, egressHosts, now = () => new Date() } = deps
  const { run, step, signal, onSecret } = context
  const recalled = recallProject(events)
  const transport = chooseTransport(sandboxes.reachesGitHub, access.credential)

  const { sandbox, resumed } = await step('sandbox', 'Starting a sandbox', async () => {
    const opened = await openSandbox(sandboxes, {
      runId: run.id,
      earlierId: recalled && run.progress.sandboxId,
      egress: { allowHosts: firstEgress(transport, webUrl, egressHosts) },
    })
    boxes.push(opened)
    context.hideHome(opened.sandbox.home)
    signal.throwIfAborted()
    await context.saveProgress({ sandboxId: opened.sandbox.id })
    const kind = `${sandboxes.kind === 'e2b' ? 'E2B' : sandboxes.kind} sandbox`
    return { value: opened, message: opened.resumed ? `Went on in the same ${kind}` : `Started ${kind}` }
  })
  if (resumed && recalled) {
    return { sandbox, workspace: { base, ...workspacePaths(sandbox.home) }, earlier: recalled }
  }

  const { owner, name } = access.repository
  const workspace = await step('clone', `Cloning ${owner}/${name}`, async () => {
    const startedAt = now().getTime()
    const { hostEnvironment } = deps
    const value = await prepareWorkspace({
      ...{ sandbox, transport, access, base, webUrl, egressHosts, signal, onSecret },
      ...(hostEnvironment ? { hostEnvironment } : {}),
    })
    const took = durationText(now().getTime() - startedAt)
    return {
      value,
      message: `Cloned ${owner}/${name} at ${base.sha.slice(0, 7)} (${base.branch}) in ${took}`,
    }
  })
  return { sandbox, workspace, earlier: undefined }
}
