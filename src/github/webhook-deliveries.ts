import { askGitHub, githubTime } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'

/** One attempt by GitHub to deliver a webhook. */
export interface DeliveryAttempt {
  /** Id of this attempt. A redelivery is requested by it. */
  readonly id: number
  /** `X-GitHub-Delivery`: id of the webhook, which all its attempts share. */
  readonly guid: string
  /** `X-GitHub-Event`. */
  readonly event: string
  readonly action: string | null
  readonly deliveredAt: Date
  readonly redelivery: boolean
  /** Whether the answer was 2xx. */
  readonly ok: boolean
  /** 0 when there was no answer; `status` then says why. */
  readonly statusCode: number
  /** The result in GitHub's words: `OK`, `failed to connect to host` … */
  readonly status: string
}

interface DeliveryPage {
  readonly attempts: readonly DeliveryAttempt[]
  /** When GitHub made this page, by GitHub's clock. */
  readonly at: Date
}

/**
 * The attempts to deliver webhooks to the App, newest first, page by page. GitHub keeps them for about three days.
 *
 * @param octokit a client of the App itself.
 */
export async function* listDeliveries(octokit: GitHubClient): AsyncGenerator<DeliveryPage> {
  for (let cursor: string | undefined; ; ) {
    const page = await askGitHub(
      'read the webhook deliveries of the App',
      octokit.rest.apps.listWebhookDeliveries(
        cursor === undefined ? { per_page: 100 } : { per_page: 100, cursor },
      ),
    )
    yield { at: githubTime(page), attempts: page.data.map(toAttempt) }
    cursor = nextCursor(page.headers.link)
    if (cursor === undefined) return
  }
}

type RawAttempt = Awaited<ReturnType<GitHubClient['rest']['apps']['listWebhookDeliveries']>>['data'][number]

function toAttempt({ delivered_at, status_code, ...attempt }: RawAttempt): DeliveryAttempt {
  const { id, guid, event, action, redelivery, status } = attempt
  const ok = status_code >= 200 && status_code < 300
  const deliveredAt = new Date(delivered_at)
  return { id, guid, event, action, deliveredAt, redelivery, ok, statusCode: status_code, status }
}

/** The cursor of the next page. This list has no page numbers, only `Link: <…?cursor=…>; rel="next"`. */
function nextCursor(link: string | undefined): string | undefined {
  const url = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  return url === undefined ? undefined : (new URL(url).searchParams.get('cursor') ?? undefined)
}

/**
 * Asks GitHub to deliver a webhook again. GitHub does so soon, with the id of the first delivery.
 *
 * @param octokit a client of the App itself.
 * @param attemptId id of any attempt to deliver the webhook.
 */
export async function redeliver(octokit: GitHubClient, attemptId: number): Promise<void> {
  await askGitHub(
    'redeliver a webhook',
    octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: attemptId }),
  )
}
