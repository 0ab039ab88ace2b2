import type { GitHubClient } from './github-client.ts'
import { askGitHub } from './github-error.ts'

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

interface DeliveryPage {
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

/**
 * Asks GitHub to deliver a webhook again, under its first delivery id. It does so soon afterwards.
 *
 * @param octokit a client of the App itself.
 * @param attemptId id of one of the attempts.
 */
export async function redeliver(octokit: GitHubClient, attemptId: number): Promise<void> {
  await askGitHub(
    'ask for a webhook again',
    octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: attemptId }),
  )
}

/**
 * Ids of the App's installations that are not suspended.
 *
 * @param octokit a client of the App itself.
 */
export async function listInstallations(octokit: GitHubClient): Promise<readonly number[]> {
  const all = await askGitHub(
    'list the installations of the App',
    octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
  )
  return all.filter(({ suspended_at }) => !suspended_at).map(({ id }) => id)
}

interface InstalledRepositories {
  readonly repositories: readonly InstalledRepository[]
  /** GitHub's time when it began to answer. */
  readonly at: Date
}

interface InstalledRepository {
  readonly id: number
  readonly owner: string
  readonly name: string
}

/**
 * Repositories that an installation covers, without the archived: nobody can comment there.
 *
 * @param octokit a client of that installation.
 */
export async function listInstalledRepositories(octokit: GitHubClient): Promise<InstalledRepositories> {
  const repositories: InstalledRepository[] = []
  let at: Date | undefined
  const pages = octokit.paginate.iterator(octokit.rest.apps.listReposAccessibleToInstallation, {
    per_page: 100,
  })
  async function readAll(): Promise<void> {
    for await (const page of pages) {
      at ??= githubTime(page)
      for (const { id, owner, name, archived } of page.data) {
        if (!archived) repositories.push({ id, owner: owner.login, name })
      }
    }
  }
  await askGitHub('list the repositories of an installation', readAll())
  return { repositories, at: at ?? new Date() }
}

/**
 * What GitHub's clock said when it answered. Times that GitHub gives are compared with this one: a clock of ours
 * that is wrong would lose comments or take old ones for new.
 */
export function githubTime(
  { headers }: { readonly headers: { readonly date?: string | undefined } },
  now: () => Date = () => new Date(),
): Date {
  const date = new Date(headers.date ?? '')
  return Number.isNaN(date.getTime()) ? now() : date
}
