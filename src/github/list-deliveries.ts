import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubTime } from './github-time.ts'

/** One attempt of GitHub to hand over a webhook. */
export interface DeliveryAttempt {
  /** Of this attempt: what can be asked for again. */
  readonly id: number
  /** Of the webhook: `X-GitHub-Delivery`, the same for all attempts. */
  readonly guid: string
  /** `X-GitHub-Event`. */
  readonly event: string
  readonly action: string | null
  readonly deliveredAt: Date
  readonly redelivery: boolean
  /** Was it answered with 2xx? */
  readonly ok: boolean
}

export interface DeliveryPage {
  readonly attempts: readonly DeliveryAttempt[]
  /** GitHub's time when it made this page. */
  readonly at: Date
}

/**
 * What GitHub tried to deliver to the App, newest first, page by page; kept by GitHub for about three days.
 *
 * @param octokit a client of the App itself.
 */
export async function* listDeliveries(octokit: GitHubClient): AsyncGenerator<DeliveryPage> {
  for (let cursor: string | undefined; ; ) {
    const page = await askGitHub(
      'read the webhook deliveries of the App',
      octokit.rest.apps.listWebhookDeliveries({ per_page: 100, ...(cursor === undefined ? {} : { cursor }) }),
    )
    yield { at: githubTime(page), attempts: page.data.map(toAttempt) }
    cursor = nextCursor(page.headers.link)
    if (cursor === undefined) return
  }
}

type Item = Awaited<ReturnType<GitHubClient['rest']['apps']['listWebhookDeliveries']>>['data'][number]

function toAttempt({
  id,
  guid,
  event,
  action,
  delivered_at,
  redelivery,
  status_code,
}: Item): DeliveryAttempt {
  const ok = status_code >= 200 && status_code < 300
  return { id, guid, event, action, deliveredAt: new Date(delivered_at), redelivery, ok }
}

/** This list has no page numbers, only `Link: <…?cursor=…>; rel="next"`. */
function nextCursor(link: string | undefined): string | undefined {
  const url = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  return url === undefined ? undefined : (new URL(url).searchParams.get('cursor') ?? undefined)
}
