import type { AgentContext, AgentTask } from '../agent/agent.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { readImages } from './read-images.ts'
import { createInstructionReader } from './read-instructions.ts'
import { readThread } from './read-thread.ts'
import type { RunContext } from './run-context.ts'
import type { Base } from './workspace/workspace.ts'

/** What the host reads on GitHub for the agent. */
export interface ReadContext {
  readonly task: Pick<AgentTask, 'instructions' | 'images' | 'thread'>
  readonly readInstructions: NonNullable<AgentContext['readInstructions']>
}

interface ReadContextRequest {
  readonly context: RunContext
  readonly access: RepositoryAccess
  readonly base: Base
}

/**
 * Reads the repository's instructions, the thread and its images.
 *
 * @throws {BackspaceError} when the instructions cannot be read: an agent that does not know them does the wrong
 * thing. The thread's comments and images are no such reason; people are told that they are missing.
 */
export async function readContext(deps: ExecuteRunDeps, request: ReadContextRequest): Promise<ReadContext> {
  const { context, access, base } = request
  const instructions = createInstructionReader(access, base.trustedSha)
  const [atRoot, thread] = await Promise.all([instructions.read('.'), threadOf(deps, request)])
  const { prompt } = context.run.request
  const shown = { prompt, ...(thread ? { thread } : {}) }
  const images = await readImages(shown, { access, webUrl: deps.webUrl, signal: context.signal })
  return {
    task: { instructions: atRoot, images, ...(thread ? { thread } : {}) },
    async readInstructions(directory) {
      try {
        return await instructions.read(directory)
      } catch (error) {
        deps.onError(error, { runId: context.run.id })
        return []
      }
    },
  }
}

async function threadOf(
  deps: ExecuteRunDeps,
  { context: { run, notice }, access, base }: ReadContextRequest,
): Promise<AgentTask['thread']> {
  const { thread, tainted } = run.request
  if (!thread) return undefined
  const { kind, number, title, body, author } = thread
  const begin = { kind, number, title, body, author, trusted: !tainted }
  try {
    return { ...begin, ...(await readThread(access, { run, base })) }
  } catch (error) {
    deps.onError(error, { runId: run.id })
    notice('warning', 'GitHub did not hand out the comments of the thread: the agent works without them.')
    return begin
  }
}
