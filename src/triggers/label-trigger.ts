import { adoptThread } from './adopt-thread.ts'
import { auditDecision } from './audit-decision.ts'
import { authorize, isPerson } from './authorize.ts'
import { acknowledge, replyOnce } from './reply.ts'
import { submitAdoption } from './submit-adoption.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { LabelEvent } from './trigger-event.ts'

/** Starts a run when the label is put on an issue. It counts who added the label, not who wrote the issue. */
export async function labelTrigger(deps: TriggerDeps, event: LabelEvent): Promise<void> {
  if (event.label.toLowerCase() !== deps.label.toLowerCase() || !isPerson(event.sender)) return
  const { repository, thread, sender, installationId } = event
  const access = await deps.github.repository({ ...repository, installationId })

  const authorization = await authorize(access.octokit, event)
  // Taking the label off and putting it on again is a new request; a redelivery is not.
  const key = `label:${repository.id}:${thread.number}:${event.at}`
  await auditDecision(deps, event, { authorization, trigger: 'label', asked: key })
  if (!authorization.allowed) {
    const reply = {
      repository,
      number: thread.number,
      botLogin: access.botLogin,
      key: `refused:${sender.id}`,
    }
    return await replyOnce(access.octokit, { ...reply, body: authorization.reason })
  }

  const target = { kind: 'issue', number: thread.number } as const
  await acknowledge(access.octokit, { repository, target })
  const adopted = await adoptThread(access.octokit, { event, textIsTask: true })
  const request = {
    trigger: 'label',
    repository,
    prompt: 'Do what this issue asks for.',
    thread: adopted.thread,
    adopts: true,
    requester: { login: sender.login, id: sender.id },
    options: {},
    tainted: adopted.tainted,
    hidden: adopted.hidden,
    installationId,
  } as const
  await submitAdoption(deps, { access, event, target, input: { key, request } })
}
