import type { AgentTask } from '../../agent/agent.ts'
import { imagePart, MAX_IMAGE_BYTES } from '../../agent/image-part.ts'
import { fetchImage, isThreadImage } from '../../github/fetch-image.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'

const MAX_IMAGES = 5
/** The most addresses that are fetched, since a text may be full of them. */
const MAX_TRIED = 10

/**
 * Fetches the images in the texts that the model is shown: first those of the request, then of the issue, then of the
 * newest comments.
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

/** The addresses in Markdown's `![…](address)` and HTML's `<img src="address">`, in order. */
function imageAddresses(text: string): string[] {
  const images = text.matchAll(/!\[[^\]\n]*\]\(\s*<?([^\s<>)]+)|<img\b[^>]*?\bsrc\s*=\s*["']?([^\s"'<>]+)/gi)
  return [...images].flatMap(([, markdown, html]) => markdown ?? html ?? [])
}
