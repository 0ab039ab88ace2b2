import { adoptThread } from './adopt-thread.ts'
import { authorize, isPerson } from './authorize.ts'
import { acknowledge, replyOnce, submitOrSayWhy } from './reply.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { LabelEvent } from './trigger-event.ts'

/** The label on an issue means "do this issue". Who put it there counts, not who wrote the issue. */
export async function labelTrigger(deps: TriggerDeps, event: LabelEvent): Promise<void> {
  if (event.label.toLowerCase() !== deps.label.toLowerCase() || !isPerson(event.sender)) return
  const { repository, thread, sender } = event
  const installation = event.installationId === undefined ? {} : { installationId: event.installationId }
  const access = await deps.github.repository({ ...repository, ...installation })

  const authorization = await authorize(access.octokit, event)
  if (!authorization.allowed) {
    const key = `refused:${sender.id}`
    const reply = { repository, number: thread.number, botLogin: access.botLogin, key }
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
    requester: { login: sender.login, id: sender.id },
    options: {},
    tainted: adopted.tainted,
    ...installation,
  } as const
  // Taking the label off and putting it on again is a new request; a redelivery is not.
  const key = `label:${repository.id}:${thread.number}:${event.at}`
  await submitOrSayWhy(deps, { access, event, target, input: { key, request } })
}
