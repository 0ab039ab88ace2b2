import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'

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
