import { createHash } from 'node:crypto'
import type { AuditLog } from '../audit/audit-log.ts'
import { canonicalJson } from '../audit/hash-chain.ts'
import type { Config } from '../config.ts'
import { knownError } from '../errors.ts'
import { actorOf, askedOf } from '../runs/audit-submission.ts'
import type { CancelAnswer, CancelRun } from '../runs/queue/cancel-run.ts'
import type { SubmitRunInput, Submitted } from '../runs/submit-run.ts'

type Submit = (input: SubmitRunInput) => Promise<Submitted>

/** Wraps `submit` so that refusals are recorded too. `submit` itself records only what it stores. */
export function auditRefusals(audit: Pick<AuditLog, 'append' | 'chainSoon'>, submit: Submit): Submit {
  return async (input) => {
    try {
      const submitted = await submit(input)
      audit.chainSoon()
      return submitted
    } catch (error) {
      const known = knownError(error)
      if (known?.code === 'rate_limited') await recordLimit(audit, input, String(known.facts.limit))
      throw error
    }
  }
}

async function recordLimit(
  audit: Pick<AuditLog, 'append'>,
  { key, request }: SubmitRunInput,
  rule: string,
): Promise<void> {
  const { trigger, repository, thread } = request
  await audit.append({
    kind: 'request.refused',
    actor: actorOf(request),
    facts: {
      trigger,
      repository: `${repository.owner}/${repository.name}`,
      thread: thread?.number,
      asked: askedOf(request, key),
      rule,
    },
  })
}

/** Wraps `cancel` so that it is recorded who stopped a run, in the words that people see. */
export function auditStops(audit: Pick<AuditLog, 'append'>, cancel: CancelRun): CancelRun {
  return async (runId, reason): Promise<CancelAnswer> => {
    const answered = await cancel(runId, reason)
    if (answered === 'cancelled') {
      await audit.append({ kind: 'run.stop_asked', actor: 'backspace', runId, facts: { reason } })
    }
    return answered
  }
}

/** Records the settings with which the service starts. */
export async function auditStart(audit: Pick<AuditLog, 'append'>, config: Config): Promise<void> {
  const { role, deployment, sandbox } = config
  await audit.append({
    kind: 'service.started',
    actor: 'backspace',
    facts: { role, deployment, sandbox: sandbox.kind, settings: hashSettings(config) },
  })
}

/** A hash that is equal for equal settings. Secrets are left out, so the hash reveals nothing about them. */
function hashSettings({ secrets, path: _machine, hostEnvironment: _host, ...settings }: Config): string {
  const text = secrets.reduce(
    (left, secret) => left.replaceAll(JSON.stringify(secret).slice(1, -1), ''),
    canonicalJson(settings),
  )
  return createHash('sha256').update(text).digest('hex')
}
