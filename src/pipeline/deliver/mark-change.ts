import { addLabels } from '../../github/add-labels.ts'
import { createCheckRun, findCheckRun } from '../../github/create-check-run.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { Delivered, DeliverRequest } from './deliver-changes.ts'

const NO_MODEL_LABEL = 'backspace:no-ai'
const CHECK_RUN_NAME = 'Backspace'

/**
 * Says what people and branch rules look for next to a pull request: on its commit, how the host's checks ended; on one
 * that no model made, a label. Both are extras: an App need not have the permission, and a GitHub that does not take them
 * does not keep a run from its end.
 *
 * @throws {WriteRefused} when this attempt no longer holds the run.
 */
export async function markChange(
  octokit: GitHubClient,
  request: DeliverRequest,
  delivered: Delivered,
): Promise<void> {
  await unlessRefused(request, () => labelWithoutModel(octokit, request, delivered))
  await unlessRefused(request, () => reportChecks(request, delivered))
}

async function unlessRefused({ signal }: DeliverRequest, mark: () => Promise<void>): Promise<void> {
  try {
    await mark()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof WriteRefused) throw error
  }
}

/** Not on a pull request that people opened: it holds their work, too. */
async function labelWithoutModel(
  octokit: GitHubClient,
  { access: { repository }, base, once }: DeliverRequest,
  { pullRequest: { number }, plan: { noModel = false } }: Delivered,
): Promise<void> {
  if (!noModel || base.pullRequest) return
  await once({
    name: 'label',
    lookUp: async () => undefined,
    act: () => addLabels(octokit, { repository, number, labels: [NO_MODEL_LABEL] }),
    patient: false,
  })
}

async function reportChecks(
  { access, once, run, runUrl, signal, onSecret }: DeliverRequest,
  { published: { commitSha: sha }, plan: { verdict } }: Delivered,
): Promise<void> {
  // Only Apps may make check runs.
  if (!verdict || access.credential !== 'app') return
  const { repository } = access
  const named = { name: CHECK_RUN_NAME, externalId: run.id }
  // Its own token: the App works without this permission, and asking for more than is granted gets none at all.
  const minted = await access.mintToken('checks', { signal, onToken: onSecret })
  try {
    await once({
      name: 'check_run',
      lookUp: () => findCheckRun(minted.octokit, { repository, sha, ...named }),
      act: () =>
        createCheckRun(minted.octokit, {
          ...{ repository, sha, checkRun: { ...named, detailsUrl: runUrl, ...verdict } },
        }),
      patient: false,
    })
  } finally {
    await minted.revoke()
  }
}
