import type { PartsOfRun } from './parts-of-run.ts'
import { createDeliver } from './publish/delivery.ts'
import { createDoOnce } from './publish/do-once.ts'
import { createIssueReceipt, type IssueReceipt } from './publish/issue-receipt.ts'
import { createPublishPlans, type PublishPlans } from './publish/publish-plan.ts'
import { createPublisher, type Publisher } from './publish/publisher.ts'
import { createPullRequests, type PullRequests } from './publish/pull-request.ts'
import { createStoreLargeFiles } from './publish/store-large-files.ts'
import { createWritePlan } from './publish/write-plan.ts'
import type { RunServices } from './run-services.ts'
import { createReceiptDrafts, type DraftReceiptOf } from './verify/draft-receipts.ts'

/** How one run publishes: commits and pull requests, check runs, receipts. */
export interface PublishingOfRun {
  readonly publisher: Publisher
  readonly plans: PublishPlans
  readonly pullRequests: PullRequests
  readonly draftReceiptOf: DraftReceiptOf
  readonly issueReceipt: IssueReceipt
}

type Services = Pick<RunServices, 'effects' | 'receipts' | 'webUrl' | 'linkHosts' | 'hasOpened'>

export function createPublishingOfRun(services: Services, parts: PartsOfRun): PublishingOfRun {
  const { effects, receipts, webUrl, linkHosts, hasOpened } = services
  const { attempt, journal, reachRepository, sandboxKind, conventions, totals, runUrl, pause } = parts
  const { run, signal } = attempt
  const redact = parts.mask.text
  const plans = createPublishPlans(effects, attempt)
  const once = createDoOnce({ effects, attempt, pause })
  const pullRequests = createPullRequests({ attempt, once, runUrl })
  const draftReceiptOf = createReceiptDrafts({ run, webUrl, sandboxKind, redact })
  const issueReceipt = createIssueReceipt({ receipts, attempt, runUrl })
  const publisher = createPublisher({
    run,
    record: attempt.record,
    reachRepository,
    plans,
    writePlan: createWritePlan({
      run,
      plans,
      totals,
      events: journal.events,
      redact,
      draftReceiptOf,
      links: { runUrl, webUrl, linkHosts },
      hasOpened,
      conventions,
    }),
    storeLargeFiles: createStoreLargeFiles({ reachRepository, webUrl, signal }),
    deliver: createDeliver({
      attempt,
      step: journal.step,
      plans,
      effects: { once, pause },
      pullRequests,
      issueReceipt,
    }),
  })
  return { publisher, plans, pullRequests, draftReceiptOf, issueReceipt }
}
