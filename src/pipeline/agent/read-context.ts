import type { AgentContext, AgentTask } from '../../agent/agent.ts'
import { imagePart, MAX_IMAGE_BYTES } from '../../agent/image-part.ts'
import { fetchImage, isThreadImage } from '../../github/fetch-image.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { ExecuteRunDeps, RunContext } from '../run-context.ts'
import type { Base } from '../workspace/workspace.ts'
import { createInstructionReader } from './read-instructions.ts'
import { readThread } from './read-thread.ts'

/** What the host reads on GitHub for the agent. */
interface ReadContext {
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

const MAX_IMAGES = 5
/** Addresses that are tried; the others of a text full of them are not. */
const MAX_TRIED = 10

/**
 * The images of the request and of the thread, as far as the model is shown their text: the request's first, then
 * the issue's, then those of the newest comments.
 */
export async function readImages(
  { prompt, thread }: Pick<AgentTask, 'prompt' | 'thread'>,
  {
    access,
    webUrl,
    signal,
  }: {
    readonly access: Pick<RepositoryAccess, 'octokit'>
    readonly webUrl: string
    readonly signal: AbortSignal
  },
): Promise<AgentTask['images']> {
  const comments = (thread?.comments ?? []).map(({ text }) => text).toReversed()
  const addresses = new Set([prompt, thread?.body ?? '', ...comments].flatMap(imageAddresses))
  const wanted = [...addresses].filter((address) => isThreadImage(address, webUrl)).slice(0, MAX_TRIED)
  const { octokit } = access
  const fetched = await Promise.all(
    wanted.map((address) => fetchImage(address, { octokit, webUrl, signal, maxBytes: MAX_IMAGE_BYTES })),
  )
  const images = fetched.flatMap((bytes) => (bytes && imagePart(bytes)) ?? [])
  return images.flatMap((image) => ('problem' in image ? [] : [image])).slice(0, MAX_IMAGES)
}

/** Of Markdown's `![…](address)` and HTML's `<img src="address">`, in their order. */
function imageAddresses(text: string): string[] {
  const images = text.matchAll(/!\[[^\]\n]*\]\(\s*<?([^\s<>)]+)|<img\b[^>]*?\bsrc\s*=\s*["']?([^\s"'<>]+)/gi)
  return [...images].flatMap(([, markdown, html]) => markdown ?? html ?? [])
}
