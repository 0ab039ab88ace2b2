import { type AuditActor, personActor, tokenActor } from '../../audit/audit-entry.ts'
import type { Caller } from '../web-env.ts'

/** What the audit log calls a caller. Only an operator calls from the service's own machine. */
export function callerActor({ name, credential, owner, personId }: Caller): AuditActor {
  if (personId !== undefined) return personActor({ id: personId, login: owner ?? name })
  return credential === 'local' ? 'operator' : tokenActor(name)
}
