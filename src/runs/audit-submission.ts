import {
  type AuditActor,
  type AuditEntry,
  type AuditFact,
  markText,
  personActor,
  tokenActor,
} from '../audit/audit-entry.ts'
import type { RunRequest, TriggerComment } from './run.ts'

/** The person or the API token behind a request. */
export function actorOf({ trigger, requester }: Pick<RunRequest, 'trigger' | 'requester'>): AuditActor {
  const isToken = trigger === 'code' && requester.id === undefined
  return isToken ? tokenActor(requester.login) : personActor(requester)
}

/** The id that the audit log gives to a request. All requests of one comment get the same id. */
export function askedOf({ comment, repository }: RunRequest, key: string): string {
  return comment && repository.id !== undefined ? askedByComment(repository.id, comment) : key
}

export function askedByComment(
  repositoryId: number,
  { kind, id }: Pick<TriggerComment, 'kind' | 'id'>,
): string {
  return `comment:${repositoryId}:${kind}:${id}`
}

interface Asked {
  readonly key: string
  readonly request: RunRequest
  readonly addTo?: { readonly text: string } | undefined
}

/** What `submitRun` decided about a request. */
interface Decided {
  readonly run: { readonly id: string }
  readonly created: boolean
  readonly added: boolean
  readonly adopted: boolean
}

/** The audit entries for a submitted request. Store them in the transaction that decides about the request. */
export function submissionEntries(
  { key, request, addTo }: Asked,
  { run, created, added, adopted }: Decided,
): readonly AuditEntry[] {
  const asked = askedOf(request, key)
  const by = { actor: actorOf(request), runId: run.id }
  if (added) {
    const text = markText(addTo?.text ?? request.prompt)
    return [{ ...by, kind: 'run.steered', facts: { asked, text } }]
  }
  if (!created) {
    const rule = adopted ? 'same_task' : 'same_request'
    return [{ ...by, kind: 'request.repeated', facts: { asked, rule } }]
  }
  const plan = key.startsWith('approve:') ? request.parentRunId : undefined
  const approval: readonly AuditEntry[] =
    plan === undefined ? [] : [{ ...by, kind: 'plan.approved', facts: { plan, asked } }]
  return [...approval, { ...by, kind: 'run.requested', facts: requestFacts(request, asked) }]
}

function requestFacts(
  { trigger, repository, thread, prompt, tainted, options, parentRunId }: RunRequest,
  asked: string,
): Extract<AuditFact, { kind: 'run.requested' }>['facts'] {
  return {
    trigger,
    repository: `${repository.owner}/${repository.name}`,
    thread: thread?.number,
    asked,
    prompt: markText(prompt),
    title: thread && markText(thread.title),
    tainted,
    base: options.base,
    model: options.model,
    agent: options.agent,
    budgetUsd: options.budgetUsd,
    plan: options.plan,
    continues: parentRunId,
  }
}
