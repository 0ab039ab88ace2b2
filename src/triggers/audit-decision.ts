import { type AuditEntry, personActor } from '../audit/audit-entry.ts'
import type { Authorization } from './authorize.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { TriggerEvent } from './trigger-event.ts'

interface Decision {
  readonly authorization: Authorization
  readonly trigger: 'comment' | 'label' | 'pull_request'
  /** Id of the request in the audit log. A run that comes of it has the same one. */
  readonly asked: string
  /** The commands in a comment, as words. */
  readonly commands?: readonly string[] | undefined
}

/**
 * Records whether a person may do what they ask for, before anything is done about it.
 *
 * @throws {DatabaseAway} when it cannot be recorded; the webhook is then handled again.
 */
export async function auditDecision(
  { audit }: Pick<TriggerDeps, 'audit'>,
  { repository, thread, sender }: TriggerEvent,
  { authorization, trigger, asked, commands }: Decision,
): Promise<void> {
  const actor = personActor(sender)
  const where = {
    trigger,
    repository: `${repository.owner}/${repository.name}`,
    thread: thread.number,
    asked,
  }
  const entry: AuditEntry = authorization.allowed
    ? {
        kind: 'request.authorised',
        actor,
        facts: {
          ...where,
          rule: trigger === 'pull_request' ? 'prove_always' : 'write_access',
          commands: commands && [...commands],
        },
      }
    : { kind: 'request.refused', actor, facts: { ...where, rule: 'no_write_access' } }
  await audit.append(entry)
}
